package io.spokewire.agent.pipeline.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MARIADB)
class MariaDbCaptureSiteTest extends MyCaptureSiteContract {
  MariaDbCaptureSiteTest() {
    super(Flavour.MARIADB);
  }
}
