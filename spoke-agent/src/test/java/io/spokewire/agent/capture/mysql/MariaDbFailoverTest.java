package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MARIADB)
class MariaDbFailoverTest extends MyFailoverContract {
  MariaDbFailoverTest() {
    super(Flavour.MARIADB);
  }
}
