package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySqlFailoverTest extends MyFailoverContract {
  MySqlFailoverTest() {
    super(Flavour.MYSQL);
  }
}
