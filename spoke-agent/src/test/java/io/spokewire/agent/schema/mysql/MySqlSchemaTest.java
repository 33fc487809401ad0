package io.spokewire.agent.schema.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySqlSchemaTest extends MySchemaContract {
  MySqlSchemaTest() {
    super(Flavour.MYSQL);
  }
}
