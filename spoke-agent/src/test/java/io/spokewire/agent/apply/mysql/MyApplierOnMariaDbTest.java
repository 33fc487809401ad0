package io.spokewire.agent.apply.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

@NeedsServer(Flavour.MARIADB)
class MyApplierOnMariaDbTest extends MyApplierContract {
  private static final Servers SERVERS = new Servers();

  @Override
  EmbeddedMySql server() {
    return SERVERS.get(Flavour.MARIADB);
  }

  @Test
  void theBinlogHasTheAppliedRowsAndNotOnceMoreAsText() throws Exception {
    applier.checkpoint();
    execute("FLUSH BINARY LOGS");
    apply(orders.insert(1, "a value", "1"));
    execute("INSERT INTO orders VALUES (2, 'of a user', 1)");

    String log = query("SHOW BINARY LOGS").getLast().split("\\|")[0];
    List<String> events = query("SHOW BINLOG EVENTS IN '" + log + "'");
    assertThat(events.stream().filter(e -> e.contains("Write_rows"))).hasSizeGreaterThan(1);
    assertThat(events.stream().filter(e -> e.contains("Annotate_rows")))
        .singleElement()
        .asString()
        .contains("of a user");
  }

  @AfterAll
  static void stop() throws Exception {
    SERVERS.close();
  }
}
