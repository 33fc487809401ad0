package io.spokewire.agent.pipeline.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.pipeline.PlannedTables;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tables of a plan are at a site, and what its publication gives of them. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class PublishedPlanTest {
  private static final PlanScope PLAN =
      new PlanScope(
          new PlanVersion(1), List.of("orders", "lines"), ProtectedTables.NONE, AgreedTypes.NONE);
  private static EmbeddedPostgres server;

  @Parameter int major;

  @TempDir Path directory;
  private PgDatabase asOwner;
  private PgDatabase asAgent;

  @BeforeParameterizedClassInvocation
  static void startServer(int major) throws Exception {
    server = EmbeddedPostgres.start(major);
    sql(database("postgres"), "create role agent login replication");
  }

  @AfterParameterizedClassInvocation
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    asOwner = database("postgres");
    asAgent = database("agent");
    run(
        "drop publication if exists spokewire_lisbon",
        "drop table if exists orders, lines, extra",
        "create table orders (id int primary key, region text)",
        "create table lines (id int primary key)",
        "grant select on orders, lines to agent",
        "create publication spokewire_lisbon for table orders, lines"
            + " with (publish_via_partition_root = true)");
    StateFile.create(
        directory.resolve("state"),
        AgentState.atJoin(
            UUID.randomUUID(), SourcePosition.NONE, List.of("public.orders", "public.lines")));
    StateFile joined = state();
    try (Connection connection = asAgent.connect()) {
      List<String> lines = new PgPublication("spokewire_lisbon").published(connection).lines();
      joined.update(s -> s.withPublished(lines));
    }
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    run("drop publication if exists spokewire_lisbon");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter publication spokewire_lisbon drop table orders",
        "alter publication spokewire_lisbon set (publish = 'insert, delete, truncate')",
        "alter publication spokewire_lisbon set (publish_via_partition_root = false)",
        "alter publication spokewire_lisbon set table orders where (id > 5), lines",
        "alter publication spokewire_lisbon set table orders (id), lines",
        "drop publication spokewire_lisbon",
        "drop publication spokewire_lisbon; create publication spokewire_lisbon for table orders,"
            + " lines with (publish_via_partition_root = true)",
        "alter publication spokewire_lisbon drop table orders; alter publication spokewire_lisbon"
            + " add table orders",
        "alter publication spokewire_lisbon set (publish = 'insert, delete, truncate');"
            + " alter publication spokewire_lisbon"
            + " set (publish = 'insert, update, delete, truncate')",
      })
  void whatIsTakenAwayFromTablesInUseIsFoundAlsoOverARestartAndWhenItWasPutBack(String change)
      throws Exception {
    Site running = inUse();
    assertThatCode(() -> look(running)).doesNotThrowAnyException();
    run(change.split(";"));
    assertThatThrownBy(() -> look(running))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("was altered")
        .hasMessageContaining("compare its tables")
        .extracting(f -> ((Fault) f).kind())
        .isEqualTo(FaultKind.NEGATIVE);
    Site restarted = inUse();
    assertThatThrownBy(() -> look(restarted)).isInstanceOf(Fault.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table extra (id int primary key);"
            + " alter publication spokewire_lisbon add table extra",
        "alter publication spokewire_lisbon owner to pg_database_owner",
        "alter table orders add column note text",
        "vacuum full pg_publication",
        "alter table lines rename to older_lines",
      })
  void whatTakesNothingAwayIsLeftAlone(String change) throws Exception {
    Site running = inUse();
    run(change.split(";"));
    assertThatCode(() -> look(running)).doesNotThrowAnyException();
    assertThatCode(() -> look(inUse())).doesNotThrowAnyException();
    run("drop table if exists older_lines");
  }

  @Test
  void aTableThatWasOutOfThePublicationBeforeItsFirstPlanNoLongerCountsAsEmptyAtTheStart()
      throws Exception {
    run(
        "alter publication spokewire_lisbon drop table orders",
        "insert into orders values (1, 'lost')",
        "alter publication spokewire_lisbon add table orders");
    Site first = site();
    TableReport report = first.tables().take(PLAN);
    assertThat(report.tables())
        .extracting(d -> d.table().name(), TableDescription::emptyAtStart)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("orders", false),
            org.assertj.core.groups.Tuple.tuple("lines", true));
    assertThatCode(() -> look(first)).doesNotThrowAnyException();
  }

  @Test
  void aCheckOfAPlanNamesWhatIsNotPublished() throws Exception {
    run("alter publication spokewire_lisbon drop table lines");
    assertThat(site().tables().check(PLAN).problems())
        .filteredOn(TableReport.Problem::fatal)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.table().name()).isEqualTo("lines");
              assertThat(problem.problem()).isEqualTo("its changes are not published");
              assertThat(problem.hint()).contains("ADD TABLE ONLY \"public\".\"lines\"");
            });
  }

  private StateFile state() {
    return StateFile.open(directory.resolve("state"));
  }

  /** An agent's view of its tables, and of what is published of them. */
  private record Site(PlannedTables tables, PgPublishing publishing) {}

  private Site site() {
    StateFile state = state();
    PgPublishing publishing =
        new PgPublishing(new PgPublication("spokewire_lisbon"), state, asAgent, TimeSource.SYSTEM);
    return new Site(
        new PlannedTables(new PgSiteCatalogue(asAgent, Optional.of(publishing)), state),
        publishing);
  }

  /** As control does at a start, or when the hub says its plan. */
  private Site inUse() {
    Site site = site();
    site.tables().take(PLAN);
    state().update(s -> s.withPlan(1, PLAN.patterns(), PLAN.protectedTables(), PLAN.agreedTypes()));
    return site;
  }

  private void look(Site site) throws SQLException {
    try (Connection connection = asAgent.connect()) {
      site.publishing().demandWhole(connection, site.tables().inUse());
    }
  }

  private void run(String... commands) throws SQLException {
    sql(asOwner, commands);
  }

  private static void sql(PgDatabase database, String... commands) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      for (String command : commands) {
        statement.execute(command);
      }
    }
  }

  private static PgDatabase database(String user) {
    String url = server.jdbcUrl("postgres");
    Properties properties = new Properties();
    properties.put("user", user);
    return new PgDatabase(url.substring(0, url.indexOf('?')), properties, () -> "");
  }
}
