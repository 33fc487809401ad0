package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.apply.postgres.SpokewireSchema;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.HandoverContract;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.TriggerCapture;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.agent.setup.Handover;
import io.spokewire.agent.setup.postgres.PgHandover;
import io.spokewire.agent.setup.postgres.PgSetup;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, and what becomes of slots. */
class PgHandoverTest extends HandoverContract {
  @TempDir Path directory;

  private static EmbeddedPostgres server;
  private PgTestSite site;
  private PgHandover handover;

  @BeforeAll
  static void startServer() throws Exception {
    server = EmbeddedPostgres.start(18);
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Override
  protected void makeSite() throws Exception {
    site = new PgTestSite(server);
    site.run(
        "create table counter (id int primary key, n int)",
        "create table entry (id bigint primary key, writer int)",
        "alter table counter replica identity full",
        "insert into counter select i, 0 from generate_series(1, 4) i",
        "alter table counter owner to agent",
        "alter table entry owner to agent",
        "alter role agent replication",
        "grant create on database " + site.name + " to agent");
    handover = new PgHandover(site.asAgent, site.name, site.name);
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
    return "trigger ";
  }

  @Override
  protected void assertOnlyTheLogCaptures() throws Exception {
    super.assertOnlyTheLogCaptures();
    assertThat(left()).contains("slot ").doesNotContain("capture_1");
  }

  /** The right to make a slot is missing, which is found when the triggers are made. */
  @Override
  protected void breakOff() throws SQLException {
    site.run("alter role agent noreplication");
    assertThatThrownBy(() -> handOver(handover.eras().getLast()))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("slot");
    site.run("alter role agent replication");
  }

  @Test
  void whatIsLeftOfAnEraThatIsForgottenIsTakenAwayLater() throws Exception {
    begin();
    Era ofTheLog = handover.eras().getLast();
    handOver(ofTheLog);
    assertThat(left()).contains("slot ").doesNotContain("_handover");
    try (Connection connection = site.asAgent.connect()) {
      new PgEras(connection).forget(ofTheLog); // and the agent is killed
    }
    handover.tidy(handover.eras());
    assertThat(left()).contains("trigger ").doesNotContain("slot ");
  }

  @Test
  void nothingIsLeftAfterUninstallWhateverCapturedAndWhereverItWasBrokenOff() throws Exception {
    String untouched = left();
    PgSetup setup = new PgSetup(site.asAgent, site.asAgent, site.name, site.name, false);
    setup.prepareSchema(new SpokeId("site"), UUID.randomUUID());
    setup.beginCapture(false);
    handOver(handover.eras().getLast());
    site.run("insert into counter values (9, 9)");
    assertThat(left()).contains("slot ").contains("publication ").contains("trigger ");

    setup.remove();
    assertThat(left()).isEqualTo(untouched);
    site.run("insert into counter values (10, 9)");
    setup.remove(); // repeatable
    assertThat(left()).isEqualTo(untouched);
  }

  @Test
  void aSlotsSnapshotThatEndsBeforeItBeginsSeesWhatWasBeforeItsBeginning() {
    assertThat(PgChangeLog.regular("1095:1093:")).isEqualTo("1095:1095:");
    assertThat(PgChangeLog.regular("1095:1095:")).isEqualTo("1095:1095:");
    assertThat(PgChangeLog.regular("7:12:8,9")).isEqualTo("7:12:8,9");
  }

  @Override
  protected void begin() throws Exception {
    try (Connection connection = site.asAgent.connect()) {
      SpokewireSchema.prepare(connection, new SpokeId("site"), UUID.randomUUID());
    }
    try (Connection connection = site.asAgent.connect()) {
      new PgPublication(site.name)
          .ensure(connection, site.catalogue(site.scope("counter", "entry")).tables());
    }
    new PgSlot(site.asAgent, site.name).create().close();
  }

  @Override
  protected ChangeSource.Factory source(Era era) {
    TableScope scope = site.scope("counter", "entry");
    SpoolDirectory spools = new SpoolDirectory(directory);
    return era.byTriggers()
        ? new TriggerCapture(
            new PgTriggeredDatabase(site.asAgent, scope, SEAL, m -> true, spools),
            TimeSource.SYSTEM)
        : new PgCapture(
            site.asAgent,
            new PgSlot(site.asAgent, site.name),
            new PgPublication(site.name),
            scope,
            SEAL,
            m -> true,
            spools,
            TimeSource.SYSTEM);
  }

  @Override
  protected String left() throws SQLException {
    return site.query(
        "select string_agg(what, ', ' order by what) from ("
            + "select 'schema ' || nspname what from pg_namespace where oid >= 16384"
            + " and nspname !~ '^pg_'"
            + " union all select 'relation ' || oid::regclass::text from pg_class"
            + " where oid >= 16384 and relnamespace <> 'pg_toast'::regnamespace"
            + " union all select 'function ' || oid::regprocedure::text from pg_proc"
            + " where oid >= 16384"
            + " union all select 'trigger ' || tgname from pg_trigger where not tgisinternal"
            + " union all select 'event trigger ' || evtname from pg_event_trigger"
            + " union all select 'publication ' || pubname from pg_publication"
            + " union all select 'slot ' || slot_name from pg_replication_slots"
            + " where database = current_database()) everything");
  }
}
