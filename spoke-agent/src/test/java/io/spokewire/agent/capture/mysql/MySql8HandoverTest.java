package io.spokewire.agent.capture.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8HandoverTest extends MyHandoverContract {
  MySql8HandoverTest() {
    super(Flavour.MYSQL);
  }
}
