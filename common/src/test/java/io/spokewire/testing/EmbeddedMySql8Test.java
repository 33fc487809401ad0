package io.spokewire.testing;

import io.spokewire.testing.EmbeddedMySql.Flavour;

@NeedsServer(Flavour.MYSQL)
class EmbeddedMySql8Test extends EmbeddedMySqlContract {
  EmbeddedMySql8Test() {
    super(Flavour.MYSQL, "8.0.");
  }
}
