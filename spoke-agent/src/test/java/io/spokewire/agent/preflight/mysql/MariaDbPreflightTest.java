package io.spokewire.agent.preflight.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.settings.WeakSetting;
import io.spokewire.common.id.Direction;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

@NeedsServer(Flavour.MARIADB)
class MariaDbPreflightTest extends MyPreflightContract {
  MariaDbPreflightTest() {
    super(Flavour.MARIADB);
  }

  @Test
  void aReplicaMustLogWhatItTakesOver() throws Exception {
    try (EmbeddedMySql replica =
        EmbeddedMySql.start(
            Flavour.MARIADB, Map.of("log-slave-updates", "OFF", "gtid-strict-mode", "OFF"))) {
      assertThat(errors(check(replica, Direction.BOTH))).isEmpty();
      onServer(replica, "SET GLOBAL gtid_slave_pos = '7-77-1'");
      assertThat(errors(check(replica, Direction.BOTH)))
          .extracting(f -> f.subject())
          .containsExactlyInAnyOrder("log_slave_updates", "gtid_strict_mode");
      assertThat(
              errors(
                  check(
                      replica,
                      Direction.BOTH,
                      WeakSetting.LOG_SLAVE_UPDATES,
                      WeakSetting.GTID_STRICT_MODE)))
          .isEmpty();
    }
  }

  @Test
  void aBinlogThatIsPurgedBySizeIsTold() throws Exception {
    try {
      onServer(server, "SET GLOBAL max_binlog_total_size = 1000000");
    } catch (SQLException e) {
      Assumptions.abort("this server never purges by size: " + e.getMessage()); // before 11.4
    }
    try {
      assertThat(warnings(check(server, Direction.BOTH)))
          .anySatisfy(f -> assertThat(f.subject()).isEqualTo("max_binlog_total_size"));
    } finally {
      onServer(server, "SET GLOBAL max_binlog_total_size = 0");
    }
  }
}
