package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8PollSourceTest extends MyPollSourceContract {
  MySql8PollSourceTest() {
    super(Flavour.MYSQL);
  }
}
