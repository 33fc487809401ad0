package io.spokewire.agent.apply.postgres;

import io.spokewire.testing.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;

class PgApplierOn15Test extends PgApplierContract {
  private static final Servers SERVERS = new Servers();

  @Override
  EmbeddedPostgres server() {
    return SERVERS.get(15);
  }

  @AfterAll
  static void stop() throws Exception {
    SERVERS.close();
  }
}
