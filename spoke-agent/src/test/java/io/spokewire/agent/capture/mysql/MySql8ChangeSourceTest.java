package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8ChangeSourceTest extends MyChangeSourceContract {
  MySql8ChangeSourceTest() {
    super(Flavour.MYSQL);
  }
}
