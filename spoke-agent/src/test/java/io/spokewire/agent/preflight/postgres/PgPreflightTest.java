package io.spokewire.agent.preflight.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Finding.Severity;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.PollSettings;
import io.spokewire.agent.settings.WeakSetting;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.testing.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PgPreflightTest {
  private static EmbeddedPostgres server;
  private static int databases;
  private String database;
  private String role;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedPostgres.start(18);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void createDatabase() throws Exception {
    database = "flight" + databases++;
    role = "role" + database;
    execute("postgres", "CREATE DATABASE " + database);
    execute(database, "CREATE ROLE " + role + " LOGIN");
  }

  @Test
  void aBareRoleIsToldEveryGrantAndFollowingThemLeavesNoError() throws Exception {
    execute(
        database,
        "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);"
            + "ALTER TABLE orders REPLICA IDENTITY FULL");
    List<Finding> findings = check(Direction.BOTH, "orders");
    assertThat(errors(findings))
        .extracting(Finding::action)
        .anyMatch(sql -> sql.equals("ALTER ROLE " + role + " REPLICATION;"))
        .anyMatch(
            sql ->
                sql.equals(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON public.orders TO " + role + ";"))
        .anyMatch(sql -> sql.startsWith("GRANT CREATE ON DATABASE " + database + " TO " + role))
        .anyMatch(
            sql ->
                sql.startsWith("CREATE PUBLICATION \"spokewire_lisbon\" FOR TABLE public.orders"));

    for (Finding finding : errors(findings)) {
      execute(database, finding.action());
    }
    findings.stream()
        .filter(f -> f.subject().equals("session_replication_role"))
        .forEach(f -> executeUnchecked(f.action()));

    List<Finding> after = check(Direction.BOTH, "orders");
    assertThat(errors(after)).isEmpty();
    assertThat(after).extracting(Finding::subject).contains("table public.orders");
    assertThat(warnings(after))
        .extracting(Finding::subject)
        .containsExactly("max_slot_wal_keep_size");
  }

  @Test
  void triggersTakeNoMoreThanTheRightToMakeThem() throws Exception {
    execute(database, "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric)");
    List<Finding> findings = check(Direction.BOTH, true, "orders");
    assertThat(errors(findings))
        .extracting(Finding::action)
        .anyMatch(
            sql ->
                sql.equals(
                    "GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON public.orders TO "
                        + role
                        + ";"))
        .noneMatch(sql -> sql.contains("REPLICATION") || sql.contains("PUBLICATION"));
    for (Finding finding : errors(findings)) {
      execute(database, finding.action());
    }
    List<Finding> after = check(Direction.BOTH, true, "orders");
    assertThat(errors(after)).isEmpty();
    assertThat(after).noneMatch(f -> f.problem().contains("old values"));
  }

  @Test
  void whatATableLacksIsSaidWithItsSql() throws Exception {
    execute(
        database,
        "CREATE TABLE nokey (a int NOT NULL UNIQUE); CREATE TABLE bare (a int);"
            + "CREATE UNLOGGED TABLE wal_less (id int PRIMARY KEY);"
            + "CREATE TABLE nothing (id int PRIMARY KEY);"
            + "ALTER TABLE nothing REPLICA IDENTITY NOTHING;"
            + "CREATE TABLE usual (id serial PRIMARY KEY);"
            + "CREATE TABLE loose (a int); ALTER TABLE loose REPLICA IDENTITY FULL;"
            + "CREATE TABLE later (id int PRIMARY KEY DEFERRABLE);"
            + "CREATE TABLE child (id int PRIMARY KEY, u int REFERENCES usual);"
            + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
            + "CREATE TRIGGER shout BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION f();"
            + "GRANT ALL ON ALL TABLES IN SCHEMA public TO "
            + role);

    List<Finding> findings = check(Direction.BOTH, "*", "gone");

    assertThat(of(findings, "nokey"))
        .anySatisfy(
            f -> assertThat(f.action()).contains("REPLICA IDENTITY USING INDEX nokey_a_key"));
    assertThat(of(findings, "bare"))
        .anySatisfy(
            f -> {
              assertThat(f.action()).contains("ADD PRIMARY KEY");
              assertThat(f.severity()).isEqualTo(Severity.WARNING);
            });
    assertThat(of(findings, "loose"))
        .anySatisfy(
            f -> {
              assertThat(f.action()).contains("ADD PRIMARY KEY").contains("IDENTITY DEFAULT");
              assertThat(f.severity()).isEqualTo(Severity.ERROR);
            });
    assertThat(of(findings, "wal_less"))
        .anySatisfy(
            f -> assertThat(f.action()).isEqualTo("ALTER TABLE public.wal_less SET LOGGED;"));
    assertThat(of(findings, "nothing"))
        .anySatisfy(f -> assertThat(f.severity()).isEqualTo(Severity.ERROR));
    assertThat(of(findings, "usual"))
        .anySatisfy(f -> assertThat(f.action()).contains("REPLICA IDENTITY FULL"))
        .anySatisfy(
            f ->
                assertThat(f.action())
                    .startsWith("ALTER SEQUENCE usual_id_seq INCREMENT BY 10 START WITH"))
        .anySatisfy(
            f ->
                assertThat(f.action())
                    .startsWith("GRANT USAGE, UPDATE ON SEQUENCE usual_id_seq TO " + role + ";"))
        .allSatisfy(f -> assertThat(f.severity()).isEqualTo(Severity.WARNING));
    assertThat(of(findings, "later"))
        .anySatisfy(f -> assertThat(f.problem()).contains("DEFERRABLE"));
    assertThat(of(findings, "child"))
        .anySatisfy(
            f -> assertThat(f.problem()).contains("triggers that will fire").contains("shout"))
        .anySatisfy(f -> assertThat(f.problem()).contains("foreign keys").contains("usual"));
    assertThat(warnings(findings)).extracting(Finding::subject).contains("pattern gone");
  }

  @Test
  void beforeAPlanIsKnownNoTableIsDemanded() throws Exception {
    execute(database, "CREATE TABLE bare (a int)");

    assertThat(errors(check(Direction.PULL)))
        .extracting(Finding::subject)
        .containsExactly("schema spokewire");
    assertThat(of(check(Direction.PULL), "bare"))
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f.severity()).isEqualTo(Severity.WARNING));
  }

  @Test
  void aSuperuserIsWarned() throws Exception {
    role = "postgres";

    assertThat(warnings(check(Direction.BOTH)))
        .anySatisfy(f -> assertThat(f.problem()).contains("superuser"));
  }

  @Test
  void aServerThatCannotCaptureIsTold() throws Exception {
    try (EmbeddedPostgres other =
        EmbeddedPostgres.start(
            15, Map.of("wal_level", "replica", "fsync", "off", "max_replication_slots", "0"))) {
      List<Finding> findings =
          check(database(other, "postgres", "postgres"), scope(Direction.BOTH));

      assertThat(errors(findings))
          .extracting(Finding::subject)
          .contains("wal_level", "fsync", "max_replication_slots");
      assertThat(check(database(other, "postgres", "postgres"), scope(Direction.PULL)))
          .extracting(Finding::subject)
          .doesNotContain("wal_level");
    }
  }

  @Test
  void whatMayLoseChangesIsRefusedUnlessItIsAcceptedByName() throws Exception {
    try (EmbeddedPostgres weak =
        EmbeddedPostgres.start(
            18, Map.of("fsync", "off", "full_page_writes", "off", "synchronous_commit", "off"))) {
      PgDatabase at = database(weak, "postgres", "postgres");
      PgPreflight strict =
          new PgPreflight(at, scope(Direction.PULL), "spokewire_lisbon", "spokewire_lisbon", false);
      assertThat(errors(strict.weaknesses()))
          .extracting(Finding::subject)
          .containsExactly("fsync", "full_page_writes");
      assertThat(errors(strict.weaknesses()))
          .allSatisfy(f -> assertThat(f.action()).contains("--accept " + f.subject()));
      PgPreflight lenient =
          new PgPreflight(
              at,
              new PreflightScope(
                  new SpokeId("lisbon"),
                  Direction.PULL,
                  List.of(),
                  Set.of(WeakSetting.FSYNC, WeakSetting.FULL_PAGE_WRITES)),
              "spokewire_lisbon",
              "spokewire_lisbon",
              false);
      assertThat(errors(lenient.weaknesses())).isEmpty();
      assertThat(warnings(lenient.check()))
          .extracting(Finding::subject)
          .contains("fsync", "full_page_writes", "synchronous_commit");
    }
  }

  private List<Finding> check(Direction direction, String... tables) {
    return check(database(server, database, role), scope(direction, tables));
  }

  @Test
  void pollingTakesSelectAloneAndSaysWhatItDoesNotSee() throws Exception {
    execute(
        database,
        "CREATE TABLE orders (id bigint PRIMARY KEY, updated_at timestamp);"
            + "CREATE TABLE bare (id bigint PRIMARY KEY)");
    List<Finding> before = poll(Direction.PUSH, "orders");
    assertThat(errors(before))
        .singleElement()
        .satisfies(
            f -> assertThat(f.action()).contains("GRANT SELECT ON public.orders TO " + role));
    execute(database, errors(before).getFirst().action());
    List<Finding> after = poll(Direction.PUSH, "orders");
    assertThat(errors(after)).isEmpty();
    assertThat(after)
        .extracting(Finding::toString)
        .anyMatch(f -> f.contains("does not see deletes"))
        .anyMatch(f -> f.contains("rows without updated_at"))
        .anyMatch(f -> f.contains("no time zone in updated_at"));
    String index =
        "CREATE INDEX \"orders_updated_at_idx\" ON \"public\".\"orders\" (\"updated_at\");";
    assertThat(after).extracting(Finding::action).contains(index);
    execute(database, index);
    assertThat(poll(Direction.PUSH, "orders")).extracting(Finding::action).doesNotContain(index);

    execute(database, "GRANT SELECT ON bare TO " + role);
    assertThat(errors(poll(Direction.PUSH, "*")))
        .singleElement()
        .satisfies(f -> assertThat(f.sentence()).contains("bare has no column updated_at"));
    assertThat(errors(poll(Direction.PUSH))).isEmpty(); // which tables flow is not known yet
    for (Direction other : List.of(Direction.BOTH, Direction.PULL)) {
      assertThat(errors(poll(other, "orders")))
          .singleElement()
          .satisfies(f -> assertThat(f.problem()).contains("direction is " + other.label()));
    }
  }

  private List<Finding> poll(Direction direction, String... tables) {
    return new PgPollPreflight(
            database(server, database, role), scope(direction, tables), PollSettings.DEFAULT)
        .check();
  }

  private List<Finding> check(Direction direction, boolean byTriggers, String... tables) {
    return new PgPreflight(
            database(server, database, role),
            scope(direction, tables),
            "spokewire_lisbon",
            "spokewire_lisbon",
            byTriggers)
        .check();
  }

  private static List<Finding> check(PgDatabase at, PreflightScope scope) {
    return new PgPreflight(at, scope, "spokewire_lisbon", "spokewire_lisbon", false).check();
  }

  private static PreflightScope scope(Direction direction, String... tables) {
    return new PreflightScope(
        new SpokeId("lisbon"),
        direction,
        Arrays.stream(tables).map(TablePattern::new).toList(),
        Set.of());
  }

  private static PgDatabase database(EmbeddedPostgres at, String name, String user) {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    return new PgDatabase(
        "jdbc:postgresql://127.0.0.1:" + at.port() + "/" + name, properties, () -> "");
  }

  private static List<Finding> errors(List<Finding> findings) {
    return findings.stream().filter(f -> f.severity() == Severity.ERROR).toList();
  }

  private static List<Finding> warnings(List<Finding> findings) {
    return findings.stream().filter(f -> f.severity() == Severity.WARNING).toList();
  }

  private static List<Finding> of(List<Finding> findings, String table) {
    return findings.stream().filter(f -> f.subject().equals("table public." + table)).toList();
  }

  private static void executeUnchecked(String sql) {
    try {
      execute("postgres", sql);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void execute(String database, String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl(database));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
