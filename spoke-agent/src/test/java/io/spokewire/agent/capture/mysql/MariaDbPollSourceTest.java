package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MARIADB)
class MariaDbPollSourceTest extends MyPollSourceContract {
  MariaDbPollSourceTest() {
    super(Flavour.MARIADB);
  }
}
