package io.spokewire.agent.capture.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.TriggerCapture;
import io.spokewire.agent.capture.trigger.TriggerSourceContract;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract, and what triggers on both servers have of their own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MyTriggerSourceContract extends TriggerSourceContract {
  private final Flavour flavour;
  private EmbeddedMySql server;
  private MyTestSite site;
  private TableScope scope;

  @TempDir Path directory;

  MyTriggerSourceContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeAll
  void startServer() throws Exception {
    Map<String, String> settings = new HashMap<>(MyTestSite.STRANGE_DEFAULTS);
    settings.put("log-bin-trust-function-creators", "1");
    if (flavour == Flavour.MYSQL) {
      settings.put("performance-schema", "ON"); // which is how it comes
    }
    server = EmbeddedMySql.start(flavour, settings);
  }

  @AfterAll
  void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    applied.clear();
    site = new MyTestSite(server);
    site.onServer(
        "drop database if exists spokewire",
        "create database spokewire",
        "grant all on spokewire.* to agent@'127.0.0.1'",
        "grant process on *.* to agent@'127.0.0.1'",
        "revoke replication slave on *.* from agent@'127.0.0.1'",
        "grant trigger, lock tables on " + site.name + ".* to agent@'127.0.0.1'");
    if (flavour == Flavour.MYSQL) {
      site.onServer("grant select on performance_schema.* to agent@'127.0.0.1'");
    }
    site.run(
        "create table orders (id int primary key, note text, amount decimal(10,2))",
        "create table outside (id int)");
    try (Connection connection = site.asAgent.connect()) {
      new MyChangeLog(connection).prepare();
    }
    watch("orders");
  }

  private void watch(String... patterns) throws Exception {
    scope = site.scope(patterns);
    List<LocalName> tables = new ArrayList<>();
    for (LocalTable table : site.catalogue(scope).tables()) {
      tables.add(new LocalName(table.schemaName(), table.tableName()));
    }
    try (Connection connection = site.asAgent.connect()) {
      new MyTriggers().make(connection, tables, () -> new MyChangeLog(connection).begin());
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
    return "select sleep(0.05)";
  }

  @Override
  protected void beginLogAnew() throws Exception {
    try (Connection connection = site.asAgent.connect()) {
      new MyChangeLog(connection).begin();
    }
  }

  @Override
  protected String markStatement(Bytes content) {
    return "insert into spokewire.change_log (session, trx, made, operation, image)"
        + " select connection_id(), @spokewire_trx := concat('a', uuid_short()), now(6), 'M', x'"
        + content.toHex()
        + "'";
  }

  @Override
  protected ChangeSource.Factory factory() {
    return new TriggerCapture(
        new MyTriggeredDatabase(
            site.asAgent,
            scope,
            AgreedTypes.NONE,
            SEAL,
            this::isNew,
            new SpoolDirectory(directory),
            TimeSource.SYSTEM),
        TimeSource.SYSTEM);
  }

  @Test
  void tellsTransactionsOfOneSessionApart() throws Exception {
    try (Connection connection = site.asOwner.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("insert into orders values (1, 'a', 1), (2, 'b', 1)");
      statement.execute("insert into orders values (3, 'c', 1)");
      for (int i = 4; i < 8; i += 2) {
        statement.execute("start transaction");
        statement.execute("insert into orders values (" + i + ", 'd', 1)");
        statement.execute("insert into orders values (" + (i + 1) + ", 'e', 1)");
        statement.execute("commit");
      }
      connection.setAutoCommit(false);
      statement.execute("insert into orders values (8, 'd', 1)");
      statement.execute("insert into orders values (9, 'd', 1)");
      connection.commit();
      statement.execute("insert into orders values (10, 'd', 1)");
      connection.commit();
    }
    try (EventReader reader = open()) {
      for (int rows : new int[] {2, 1, 2, 2, 2, 1}) {
        assertThat(reader.nextRows()).hasSize(rows);
      }
    }
  }

  @Test
  void findsAKeyWhoseColumnsAreTheLastOnes() throws Exception {
    site.run("create table backwards (note varchar(9), b int, a int, primary key (a, b))");
    watch("backwards");
    commit("insert into backwards values ('x', 2, 1)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert backwards [a=1, b=2] (x, 2, 1)");
    }
  }

  @Test
  void forgetsHolesOnceNobodyComesIntoThemAnyMore() throws Exception {
    try (Connection slow = site.asOwner.connect();
        Statement statement = slow.createStatement();
        EventReader reader = open()) {
      slow.setAutoCommit(false);
      statement.execute("insert into orders values (1, 'slow', 1)");
      for (int i = 2; i < 6; i++) {
        rollBack("insert into orders values (" + i + ", 'void', 1)");
        commit("insert into orders values (" + i + ", 'quick', 1)");
        assertThat(reader.nextRows()).hasSize(1);
      }
      slow.commit();
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, slow, 1.00)");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInSameThread()
          .until(
              () -> {
                for (int i = 0; i < 60; i++) {
                  reader.source().next(Duration.ofMillis(100));
                }
                commit("update orders set note = concat(note, 'x') where id = 1");
                return site.query(
                        "select snapshot from spokewire.change_batch order by number desc limit 1")
                    .matches("\\d+:");
              });
    }
  }

  @Test
  void writesWhatTheTableHoldsWhateverTheSessionIsSetTo() throws Exception {
    site.run(
        "create table tall (id int primary key, t timestamp(3) null, e enum('a','ü') character set"
            + " latin1, b bit(10), f float, d double, j json, y year, c char(5) character set"
            + " latin1, v varbinary(9), m time(6), g int as (id + 1) stored, p geometry, z"
            + " bigint unsigned, n decimal(9,4))");
    watch("tall");
    String[] settings = {
      "set names latin1", "set time_zone = 'SYSTEM', sql_mode = 'PAD_CHAR_TO_FULL_LENGTH,ANSI'"
    };
    try (Connection connection = site.asOwner.connect();
        Statement statement = connection.createStatement()) {
      for (String setting : settings) {
        statement.execute(setting);
      }
      statement.execute(
          "insert into tall (id, t, e, b, f, d, j, y, c, v, m, p, z, n) values (1,"
              + " '2024-02-03 04:05:06.5', x'fc', b'1000000001', 0.1, 0.1, '{\"a\": 1}', 2155,"
              + " x'fc78', x'00ff2d', '-01:02:03.5', point(1, 2), 18446744073709551615, -0.5)");
    }
    try (EventReader reader = open()) {
      List<String> rows = reader.nextRows();
      assertThat(rows).hasSize(1);
      assertThat(rows.getFirst())
          .startsWith("insert tall [id=1] (1, ")
          .contains(
              "1000000001", "ü", "üx", "{\"a\": 1}", "2155", "18446744073709551615", "-0.5000");
    }
  }

  @Test
  void makesItsTriggersAnewWhenATableIsAlteredInPeace() throws Exception {
    try (EventReader reader = open()) {
      commit("insert into orders values (1, 'a', 1)");
      reader.nextRows();
      reader.next(event -> event instanceof Captured.Progress);
      site.run("alter table orders add column extra int default 3");
      Awaitility.await()
          .pollInSameThread()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                reader.source().next(Duration.ofMillis(50));
                return site.query(
                        "select count(*) from information_schema.triggers where action_statement"
                            + " like '%extra%' and trigger_name like 'spokewire%'")
                    .equals("3");
              });
      commit("update orders set extra = 4");
      assertThat(reader.nextRows())
          .containsExactly("update orders [id=1] (_, _, _, 3) -> (_, _, _, 4)");
    }
  }

  @Test
  void stopsWhereAColumnWasAddedThatTheTriggersDidNotKnow() throws Exception {
    commit("insert into orders values (1, 'a', 1)");
    site.run("alter table orders add column extra int default 3");
    commit("update orders set note = 'b', extra = 4");
    try (EventReader reader = open()) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(Fault.class)
          .hasMessageContaining("column extra was added")
          .matches(e -> ((Fault) e).kind() == FaultKind.NEGATIVE);
    }
  }

  @Test
  void logsForUsersWithoutRightsInOurDatabase() throws Exception {
    site.onServer(
        "create user if not exists clerk@'127.0.0.1' identified by 'p'",
        "grant insert on " + site.name + ".* to clerk@'127.0.0.1'");
    String url = server.jdbcUrl(site.name).replaceAll("\\?.*", "?allowPublicKeyRetrieval=true");
    try (Connection clerk = java.sql.DriverManager.getConnection(url, "clerk", "p");
        Statement statement = clerk.createStatement()) {
      statement.execute("insert into orders values (1, 'a', 1)");
      assertThatThrownBy(() -> statement.execute("delete from spokewire.change_log"))
          .hasMessageContaining("denied");
    }
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, a, 1.00)");
    }
  }
}
