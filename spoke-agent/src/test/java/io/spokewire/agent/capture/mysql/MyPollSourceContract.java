package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.polling.PollSourceContract;
import io.spokewire.agent.capture.polling.PolledDatabase;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** The contract on both servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MyPollSourceContract extends PollSourceContract {
  private final Flavour flavour;
  private EmbeddedMySql server;
  private MyTestSite site;

  MyPollSourceContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeAll
  void startServer() throws Exception {
    server = EmbeddedMySql.start(flavour, MyTestSite.STRANGE_DEFAULTS);
  }

  @AfterAll
  void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = new MyTestSite(server);
    site.onServer("revoke all privileges, grant option from agent@'127.0.0.1'");
    site.onServer("grant select on " + site.name + ".* to agent@'127.0.0.1'");
    site.run(
        "create table orders (id int primary key, note text, amount decimal(10,2),"
            + " updated_at timestamp(6) not null default current_timestamp(6))");
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
    return new MyPolledDatabase(site.asAgent, scope);
  }

  @Override
  protected String now() {
    return "now(6)";
  }

  @Override
  protected String ago(int minutes) {
    return "now(6) - interval " + minutes + " minute";
  }

  @Override
  protected List<String> types() {
    return List.of("timestamp(6)", "datetime(6)");
  }

  @Override
  protected void changeKey() throws Exception {
    commit(
        "update orders set amount = 1 where amount is null",
        "alter table orders modify amount decimal(10,2) not null",
        "alter table orders drop primary key, add primary key (id, amount)");
  }
}
