package io.spokewire.agent.apply.mysql;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;

@NeedsServer(Flavour.MYSQL)
class MySqlTypesRoundTripTest extends MyTypesRoundTripContract {
  MySqlTypesRoundTripTest() {
    super(Flavour.MYSQL);
  }
}
