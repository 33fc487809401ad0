package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MARIADB)
class MariaDbTriggerSourceTest extends MyTriggerSourceContract {
  MariaDbTriggerSourceTest() {
    super(Flavour.MARIADB);
  }
}
