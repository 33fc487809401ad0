package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySqlPollSourceTest extends MyPollSourceContract {
  MySqlPollSourceTest() {
    super(Flavour.MYSQL);
  }
}
