package io.spokewire.agent.schema.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8SchemaTest extends MySchemaContract {
  MySql8SchemaTest() {
    super(Flavour.MYSQL);
  }
}
