package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8FailoverTest extends MyFailoverContract {
  MySql8FailoverTest() {
    super(Flavour.MYSQL);
  }
}
