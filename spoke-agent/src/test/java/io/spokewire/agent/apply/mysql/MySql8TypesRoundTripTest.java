package io.spokewire.agent.apply.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySql8TypesRoundTripTest extends MyTypesRoundTripContract {
  MySql8TypesRoundTripTest() {
    super(Flavour.MYSQL);
  }
}
