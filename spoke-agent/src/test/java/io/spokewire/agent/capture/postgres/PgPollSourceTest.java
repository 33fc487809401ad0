package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.polling.PollSourceContract;
import io.spokewire.agent.capture.polling.PolledDatabase;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.testing.EmbeddedPostgres;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

class PgPollSourceTest extends PollSourceContract {
  private static EmbeddedPostgres server;

  private PgTestSite site;

  @BeforeAll
  static void startServer() throws Exception {
    server = EmbeddedPostgres.start(18, Map.of("wal_level", "replica"));
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = new PgTestSite(server);
    site.run(
        "create table orders (id int primary key, note text, amount numeric(10,2),"
            + " updated_at timestamptz not null)");
  }

  @AfterEach
  void dropSite() throws Exception {
    site.close();
  }

  @Override
  protected TestSite site() {
    return site;
  }

  @Override
  protected PolledDatabase database(TableScope scope) {
    return new PgPolledDatabase(site.asAgent, scope);
  }

  @Override
  protected String now() {
    return "clock_timestamp()";
  }

  @Override
  protected String ago(int minutes) {
    return "clock_timestamp() - " + minutes + " * interval '1 minute'";
  }

  @Override
  protected List<String> types() {
    return List.of("timestamptz", "timestamp");
  }

  @Override
  protected void changeKey() throws Exception {
    commit("alter table orders drop constraint orders_pkey, add primary key (id, amount)");
  }
}
