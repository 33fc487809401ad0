package io.spokewire.testing;

import io.spokewire.testing.EmbeddedMySql.Flavour;

@NeedsServer(Flavour.MARIADB)
class EmbeddedMariaDbTest extends EmbeddedMySqlContract {
  EmbeddedMariaDbTest() {
    super(Flavour.MARIADB, "11.4.");
  }
}
