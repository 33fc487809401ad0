package io.spokewire.agent.pipeline.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySqlCaptureSiteTest extends MyCaptureSiteContract {
  MySqlCaptureSiteTest() {
    super(Flavour.MYSQL);
  }
}
