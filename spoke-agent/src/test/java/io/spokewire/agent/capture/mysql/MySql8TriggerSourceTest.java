package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8TriggerSourceTest extends MyTriggerSourceContract {
  MySql8TriggerSourceTest() {
    super(Flavour.MYSQL);
  }
}
