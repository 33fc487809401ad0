package io.spokewire.agent.apply.mysql;

import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;
import org.junit.jupiter.api.AfterAll;

@NeedsServer(Flavour.MARIADB)
class MyApplierOnMariaDbTest extends MyApplierContract {
  private static final Servers SERVERS = new Servers();

  @Override
  EmbeddedMySql server() {
    return SERVERS.get(Flavour.MARIADB);
  }

  @AfterAll
  static void stop() throws Exception {
    SERVERS.close();
  }
}
