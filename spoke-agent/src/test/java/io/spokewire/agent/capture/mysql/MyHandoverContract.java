package io.spokewire.agent.capture.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.apply.mysql.MySpokewireSchema;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.HandoverContract;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.TriggerCapture;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.agent.setup.Handover;
import io.spokewire.agent.setup.mysql.MyHandover;
import io.spokewire.agent.setup.mysql.MySetup;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract on both servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MyHandoverContract extends HandoverContract {
  @TempDir Path directory;

  private final Flavour flavour;
  private EmbeddedMySql server;
  private MyTestSite site;
  private MyHandover handover;
  private SourcePosition beginning = SourcePosition.NONE;

  MyHandoverContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeAll
  void startServer() throws Exception {
    Map<String, String> settings = new HashMap<>();
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

  @Override
  protected void makeSite() throws Exception {
    site = new MyTestSite(server);
    site.onServer(
        "drop database if exists spokewire",
        "grant all on spokewire.* to agent@'127.0.0.1'",
        "grant process on *.* to agent@'127.0.0.1'",
        "grant trigger, lock tables on " + site.name + ".* to agent@'127.0.0.1'");
    if (flavour == Flavour.MYSQL) {
      site.onServer(
          "grant select on performance_schema.* to agent@'127.0.0.1'",
          "grant xa_recover_admin on *.* to agent@'127.0.0.1'");
    }
    site.run(
        "create table counter (id int primary key, n int)",
        "create table entry (id bigint primary key, writer int)",
        "create table outside (id int primary key)",
        "insert into counter values (1, 0), (2, 0), (3, 0), (4, 0)");
    handover = new MyHandover(site.asAgent);
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
  protected Handover handover() {
    return handover;
  }

  @Override
  protected String aTrigger() {
    return "spokewire_";
  }

  /** A transaction is undecided, which is found when the triggers are made. */
  @Override
  protected void breakOff() throws SQLException {
    try (Connection user = site.asOwner.connect();
        var statement = user.createStatement()) {
      statement.execute("xa start 'x'");
      statement.execute("insert into outside values (1)");
      statement.execute("xa end 'x'");
      statement.execute("xa prepare 'x'");
      assertThatThrownBy(() -> handOver(handover.eras().getLast()))
          .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue())
          .hasMessageContaining("XA");
      statement.execute("xa rollback 'x'");
    }
  }

  @Test
  void whatIsLeftOfAnEraThatIsForgottenIsTakenAwayLater() throws Exception {
    begin();
    handOver(handover.eras().getLast());
    reader.readTo(1);
    Era ofTriggers = handover.eras().getLast();
    handOver(ofTriggers);
    try (Connection connection = site.asAgent.connect()) {
      new MyEras(connection).forget(ofTriggers); // and the agent is killed
    }
    assertThat(left()).contains("change_log");
    handover.tidy(handover.eras());
    assertThat(left()).doesNotContain("change_log").doesNotContain("spokewire_");
  }

  @Test
  void nothingIsLeftAfterUninstallWhateverCapturedAndWhereverItWasBrokenOff() throws Exception {
    String untouched = left();
    MySetup setup = new MySetup(site.asAgent, site.asAgent, false);
    setup.prepareSchema(new SpokeId("site"), UUID.randomUUID());
    beginning = setup.beginCapture(false).start();
    handOver(handover.eras().getLast());
    // Of one table's triggers only some are there: somebody was killed while making them.
    String half =
        site.query(
            "select min(trigger_name) from information_schema.triggers"
                + " where event_object_table = 'entry'");
    site.run("drop trigger " + half);
    site.run("insert into counter values (9, 9)");

    setup.remove();
    assertThat(left()).isEqualTo(untouched);
    site.run("insert into counter values (10, 9)", "insert into entry values (1, 1)");
    setup.remove(); // repeatable
    assertThat(left()).isEqualTo(untouched);
  }

  @Override
  protected void begin() throws SQLException {
    try (Connection connection = site.asAgent.connect()) {
      MySpokewireSchema.prepare(connection, new SpokeId("site"), UUID.randomUUID());
      beginning = BinlogPositions.end(connection);
    }
  }

  @Override
  protected ChangeSource.Factory source(Era era) {
    TableScope scope = site.scope("counter", "entry");
    SpoolDirectory spools = new SpoolDirectory(directory);
    return era.byTriggers()
        ? new TriggerCapture(
            new MyTriggeredDatabase(
                site.asAgent, scope, AgreedTypes.NONE, SEAL, m -> true, spools, TimeSource.SYSTEM),
            TimeSource.SYSTEM)
        : new MyCapture(
            site.asAgent,
            era.begin().isNone() ? beginning : era.begin(),
            scope,
            AgreedTypes.NONE,
            SEAL,
            m -> true,
            spools,
            new ReadPlace(),
            TimeSource.SYSTEM);
  }

  @Override
  protected String left() throws SQLException {
    String ours = " not in ('mysql', 'sys', 'information_schema', 'performance_schema')";
    return site.query(
        "select group_concat(what order by what separator ', ') from ("
            + "select convert(concat('schema ', schema_name) using utf8mb4) what"
            + " from information_schema.schemata where schema_name"
            + ours
            + " union all select convert(concat('table ', table_schema, '.', table_name)"
            + " using utf8mb4) from information_schema.tables where table_schema"
            + ours
            + " union all select convert(concat('trigger ', trigger_name) using utf8mb4)"
            + " from information_schema.triggers where trigger_schema"
            + ours
            + " union all select convert(concat('routine ', routine_name) using utf8mb4)"
            + " from information_schema.routines where routine_schema"
            + ours
            + " union all select convert(concat('event ', event_name) using utf8mb4)"
            + " from information_schema.events where event_schema"
            + ours
            + ") everything");
  }
}
