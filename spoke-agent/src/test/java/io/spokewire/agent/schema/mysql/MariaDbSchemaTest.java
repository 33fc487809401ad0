package io.spokewire.agent.schema.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MARIADB)
class MariaDbSchemaTest extends MySchemaContract {
  MariaDbSchemaTest() {
    super(Flavour.MARIADB);
  }
}
