package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.TriggerCapture;
import io.spokewire.agent.capture.trigger.TriggerSourceContract;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract, and what triggers on PostgreSQL have of their own. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class PgTriggerSourceTest extends TriggerSourceContract {
  private static EmbeddedPostgres server;

  @Parameter int major;

  @TempDir Path directory;

  private PgTestSite site;
  private TableScope scope;

  @BeforeParameterizedClassInvocation
  static void startServer(int major) throws Exception {
    // No access to the log: it does not hold what decoding needs.
    server = EmbeddedPostgres.start(major, Map.of("wal_level", "replica"));
  }

  @AfterParameterizedClassInvocation
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = new PgTestSite(server);
    site.run(
        "grant create on database " + site.name + " to agent",
        "alter default privileges grant trigger on tables to agent",
        "create table orders (id int primary key, note text, amount numeric)",
        "create table outside (id int, filler text)");
    try (Connection connection = site.asAgent.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create schema spokewire");
      new PgChangeLog(connection).prepare();
    }
    watch("orders");
  }

  private void watch(String... patterns) throws Exception {
    scope = site.scope(patterns);
    try (Connection connection = site.asAgent.connect()) {
      connection.setAutoCommit(false);
      new PgTriggers().make(connection, site.catalogue(scope).tables());
      new PgChangeLog(connection).begin();
      connection.commit();
    }
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
  protected String nap() {
    return "select pg_sleep(0.05)";
  }

  @Override
  protected void beginLogAnew() throws Exception {
    try (Connection connection = site.asAgent.connect()) {
      connection.setAutoCommit(false);
      new PgChangeLog(connection).begin();
      connection.commit();
    }
  }

  @Override
  protected String markStatement(Bytes content) {
    return "insert into spokewire.change_log (operation, mark) values ('M', '\\x"
        + content.toHex()
        + "')";
  }

  @Override
  protected ChangeSource.Factory factory() {
    return new TriggerCapture(
        new PgTriggeredDatabase(
            site.asAgent, scope, SEAL, this::isNew, new SpoolDirectory(directory)),
        TimeSource.SYSTEM);
  }

  @Test
  void seesEveryColumnThereIsAtTheTimeOfAChange() throws Exception {
    commit("insert into orders values (1, 'a', 1)");
    commit("alter table orders add column extra int default 3");
    commit("update orders set extra = 4");
    commit(
        "alter table orders drop column note",
        "alter table orders add column memo text",
        "update orders set memo = 'not a note'");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, a, 1)");
      assertThat(reader.nextRows())
          .containsExactly("update orders [id=1] (_, _, _, 3) -> (_, _, _, 4)");
      assertThat(reader.nextRows())
          .containsExactly("update orders [id=1] (_, _, _, null) -> (_, _, _, not a note)");
      assertThat(
              reader.read().stream()
                  .filter(Captured.Shape.class::isInstance)
                  .map(e -> ((Captured.Shape) e).schema().columns().getLast().name()))
          .containsExactly("amount", "extra", "memo");
    }
  }

  @Test
  void takesOddNamesAndValuesAsTheyAre() throws Exception {
    String table = "\"odd \"\"na.me\"\"; DROP TABLE x; -- $1\"";
    site.run(
        "create type pair as (a int, b text)",
        "create table "
            + table
            + " (\"Id\" int primary key, t text, p pair, g int generated always as (1) stored,"
            + " d timestamptz, f float8, b bytea)");
    watch("*");
    commit(
        "insert into "
            + table
            + " values (1, E'a,\"(b)\\\\ \\n', row(1, 'x \"y\"'), default,"
            + " '2024-02-03 04:05:06+05:30', 0.1, '\\x00ff')");
    commit("update " + table + " set t = '', p = null");
    try (EventReader reader = open()) {
      String first = reader.nextRows().getFirst();
      assertThat(first)
          .isEqualTo(
              "insert odd \"na.me\"; DROP TABLE x; -- $1 [Id=1] (1, a,\"(b)\\ \n, (1,\"x"
                  + " \"\"y\"\"\"), 2024-02-02 22:35:06+00, 0.1, \\x00ff)");
      assertThat(reader.nextRows().getFirst()).endsWith("-> (_, , null, _, _, _)");
    }
  }

  @Test
  void givesPartitionsThroughTheirRootAndTruncateToo() throws Exception {
    site.run(
        "create table log (id int, at date, note text, primary key (id, at))"
            + " partition by range (at)",
        "create table log_25 partition of log for values from ('2025-01-01') to ('2026-01-01')",
        "create table log_26 (note text, at date not null, id int not null, gone int)",
        "alter table log_26 drop column gone",
        "alter table log attach partition log_26 for values from ('2026-01-01') to ('2027-01-01')");
    watch("log");
    commit("insert into log values (1, '2025-06-01', 'a'), (2, '2026-06-01', 'b')");
    commit("update log set note = 'c' where id = 2");
    commit("update log set at = '2026-06-01' where id = 1");
    commit("truncate log");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert log [id=1, at=2025-06-01] (1, 2025-06-01, a)",
              "insert log [id=2, at=2026-06-01] (2, 2026-06-01, b)");
      assertThat(reader.nextRows())
          .containsExactly("update log [id=2, at=2026-06-01] (_, _, b) -> (_, _, c)");
      assertThat(reader.nextRows())
          .containsExactly(
              "delete log [id=1, at=2025-06-01] (1, 2025-06-01, a)",
              "insert log [id=1, at=2026-06-01] (1, 2026-06-01, a)");
      assertThat(reader.nextRows()).containsExactly("truncate log");
    }
  }

  @Test
  void keepsTheOrderOfChangesThatTriggersMakeToRowsOfTheirOwnStatement() throws Exception {
    site.run(
        "create function second() returns trigger language plpgsql as $$ begin"
            + " if new.note = 'x' then update orders set note = 'by trigger' where id > new.id;"
            + " end if; return null; end $$",
        "create trigger second after update on orders for each row execute function second()");
    commit("insert into orders values (1, 'a', 1), (2, 'b', 1), (3, 'c', 1)");
    commit("update orders set note = 'x'");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).hasSize(3);
      Map<String, String> notes = new TreeMap<>(Map.of("1", "a", "2", "b", "3", "c"));
      replay(reader.nextRows(), notes);
      for (String id : notes.keySet()) {
        assertThat(notes.get(id)).isEqualTo(site.query("select note from orders where id = " + id));
      }
    }
  }

  @Test
  void logsForUsersWithoutRightsInOurSchema() throws Exception {
    site.run(
        "do $$ begin create role clerk; exception when duplicate_object then null; end $$",
        "grant insert on orders to clerk");
    commit("set local role clerk", "insert into orders values (1, 'a', 1)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, a, 1)");
    }
    assertThatThrownBy(() -> commit("set local role clerk", "delete from spokewire.change_log"))
        .hasMessageContaining("permission denied");
  }
}
