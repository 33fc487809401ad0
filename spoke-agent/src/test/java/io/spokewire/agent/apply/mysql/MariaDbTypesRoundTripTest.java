package io.spokewire.agent.apply.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MARIADB)
class MariaDbTypesRoundTripTest extends MyTypesRoundTripContract {
  MariaDbTypesRoundTripTest() {
    super(Flavour.MARIADB);
  }
}
