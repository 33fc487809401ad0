package io.spokewire.agent.preflight.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.id.Direction;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

@NeedsServer(Flavour.MYSQL)
class MySqlPreflightTest extends MyPreflightContract {
  MySqlPreflightTest() {
    super(Flavour.MYSQL);
  }

  @Test
  void placesInTheLogMustHaveNames() throws Exception {
    try (EmbeddedMySql other =
        EmbeddedMySql.start(
            Flavour.MYSQL,
            Map.of(
                "gtid-mode",
                "OFF",
                "enforce-gtid-consistency",
                "OFF",
                "log-replica-updates",
                "OFF",
                "binlog-row-value-options",
                "PARTIAL_JSON"))) {
      assertThat(errors(check(other, Direction.BOTH)))
          .extracting(f -> f.subject())
          .containsExactlyInAnyOrder(
              "gtid_mode", "enforce_gtid_consistency", "binlog_row_value_options");
      assertThat(errors(check(other, Direction.PULL))).isEmpty();
      onServer(other, "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'elsewhere'");
      assertThat(errors(check(other, Direction.BOTH)))
          .extracting(f -> f.subject())
          .contains("log_slave_updates");
    }
  }
}
