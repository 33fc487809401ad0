package io.spokewire.agent.preflight.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Finding.Severity;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.settings.PollSettings;
import io.spokewire.agent.settings.WeakSetting;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
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
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What both servers are told, as their administrators would read it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MyPreflightContract {
  private final Flavour flavour;
  protected EmbeddedMySql server;
  private int databases;
  private String database = "";
  private String user = "";

  MyPreflightContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeAll
  void start() throws Exception {
    server = EmbeddedMySql.start(flavour);
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeDatabase() throws Exception {
    database = "flight" + databases++;
    user = "agent" + databases;
    onServer(
        server,
        "CREATE DATABASE " + database,
        "CREATE USER " + user + "@'127.0.0.1' IDENTIFIED BY 'secret'",
        "GRANT SHOW DATABASES ON *.* TO " + user + "@'127.0.0.1'");
  }

  @Test
  void aBareUserIsToldEveryGrantAndFollowingThemLeavesNoError() throws Exception {
    onServer(server, "CREATE TABLE " + database + ".orders (id int PRIMARY KEY, total int)");
    onServer(server, "GRANT SHOW VIEW ON " + database + ".* TO " + user + "@'127.0.0.1'");
    List<Finding> before = asAgent(Direction.BOTH, "orders");
    assertThat(errors(before))
        .extracting(Finding::action)
        .anyMatch(sql -> sql.startsWith("GRANT REPLICATION SLAVE"))
        .anyMatch(
            sql -> sql.startsWith("GRANT SELECT, INSERT, UPDATE, DELETE ON `" + database + "`.*"))
        .anyMatch(sql -> sql.contains(" ON spokewire.* TO "));
    for (Finding finding : errors(before)) {
      onServer(server, finding.action());
    }
    List<Finding> after = asAgent(Direction.BOTH, "orders");
    assertThat(errors(after)).isEmpty();
    assertThat(warnings(after)).isEmpty();
  }

  @Test
  void triggersTakeOtherRightsAndFollowingThemLeavesNoError() throws Exception {
    onServer(
        server,
        "CREATE TABLE " + database + ".orders (id int PRIMARY KEY, total int)",
        "GRANT SHOW VIEW ON " + database + ".* TO " + user + "@'127.0.0.1'",
        "SET GLOBAL log_bin_trust_function_creators = 0");
    List<Finding> before = asAgent(Direction.BOTH, true, "orders");
    assertThat(errors(before))
        .extracting(Finding::action)
        .noneMatch(sql -> sql.contains("REPLICATION"))
        .anyMatch(sql -> sql.contains("log_bin_trust_function_creators"))
        .anyMatch(sql -> sql.contains("TRIGGER, LOCK TABLES ON `" + database + "`.*"))
        .anyMatch(sql -> sql.contains("LOCK TABLES ON spokewire.* TO "));
    assertThat(warnings(before)).anySatisfy(f -> assertThat(f.problem()).contains("TRUNCATE"));
    for (Finding finding : errors(before)) {
      onServer(server, finding.action());
    }
    assertThat(errors(asAgent(Direction.BOTH, true, "orders"))).isEmpty();
  }

  @Test
  void aSpokeThatOnlyReceivesNeedsNoLogAndOneThatOnlySendsWritesNoRow() throws Exception {
    onServer(
        server,
        "CREATE TABLE " + database + ".orders (id int PRIMARY KEY)",
        "GRANT ALL ON spokewire.* TO " + user + "@'127.0.0.1'",
        "GRANT SELECT ON " + database + ".* TO " + user + "@'127.0.0.1'");
    assertThat(errors(asAgent(Direction.PULL, "orders")))
        .singleElement()
        .satisfies(f -> assertThat(f.problem()).contains("INSERT, UPDATE, DELETE"));
    assertThat(errors(asAgent(Direction.PUSH, "orders")))
        .singleElement()
        .satisfies(f -> assertThat(f.problem()).contains("REPLICATION SLAVE"));
  }

  @ParameterizedTest
  @CsvSource({
    "sync_binlog, 0, 1",
    "innodb_flush_log_at_trx_commit, 2, 1",
    "binlog_expire_logs_seconds, 3600, 864000",
  })
  void whatMayLoseChangesIsRefusedUnlessItIsAcceptedByName(
      String setting, String weak, String usual) throws Exception {
    onServer(server, "SET GLOBAL " + setting + " = " + weak);
    try {
      Finding finding = errors(check(server, Direction.BOTH)).getFirst();
      assertThat(finding.subject()).isEqualTo(setting);
      assertThat(finding.action()).contains("--accept " + setting);
      assertThat(errors(preflight(server, Direction.BOTH).weaknesses())).contains(finding);
      assertThat(warnings(check(server, Direction.BOTH, WeakSetting.ofLabel(setting))))
          .extracting(Finding::subject)
          .contains(setting);
      assertThat(errors(check(server, Direction.BOTH, WeakSetting.ofLabel(setting)))).isEmpty();

      onServer(server, finding.action());
      assertThat(errors(check(server, Direction.BOTH))).isEmpty();
    } finally {
      onServer(server, "SET GLOBAL " + setting + " = " + usual);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "binlog_format, MIXED, ROW, ERROR",
    "binlog_row_image, MINIMAL, FULL, ERROR",
    "binlog_row_metadata, MINIMAL, FULL, WARNING",
    "read_only, ON, OFF, ERROR",
  })
  void whatNoAgentCanWorkWithIsSaidWithTheStatementThatMendsIt(
      String setting, String wrong, String right, Severity severity) throws Exception {
    onServer(server, "SET GLOBAL " + setting + " = " + wrong);
    try {
      Finding finding =
          check(server, Direction.BOTH).stream()
              .filter(f -> f.subject().equals(setting))
              .findFirst()
              .orElseThrow();
      assertThat(finding.severity()).isEqualTo(severity);
      assertThat(finding.action()).contains(setting + " = ");
      String statement = finding.action().replaceFirst("^.*(?=SET )", "");
      onServer(server, statement);
      assertThat(check(server, Direction.BOTH))
          .filteredOn(f -> f.subject().equals(setting))
          .allSatisfy(f -> assertThat(f.severity()).isEqualTo(Severity.OK));
    } finally {
      onServer(server, "SET GLOBAL " + setting + " = " + right);
    }
  }

  @Test
  void aServerWithoutALogCanOnlyReceive() throws Exception {
    try (EmbeddedMySql other =
        EmbeddedMySql.start(
            flavour,
            Map.of("disable-log-bin", "", "innodb-doublewrite", "OFF", "sync-binlog", "0"))) {
      assertThat(errors(check(other, Direction.BOTH)))
          .extracting(Finding::subject)
          .containsExactlyInAnyOrder("log_bin", "innodb_doublewrite");
      assertThat(errors(check(other, Direction.PULL)))
          .extracting(Finding::subject)
          .containsExactly("innodb_doublewrite");
    }
  }

  @Test
  void aLogThatLeavesDatabasesOutIsRefused() throws Exception {
    try (EmbeddedMySql other = EmbeddedMySql.start(flavour, Map.of("binlog-do-db", "shop"))) {
      assertThat(errors(check(other, Direction.BOTH)))
          .singleElement()
          .satisfies(f -> assertThat(f.sentence()).startsWith("binlog_do_db is shop"));
    }
  }

  @Test
  void whatATableLacksIsSaidWithItsSql() throws Exception {
    onServer(
        server,
        "USE " + database,
        "CREATE TABLE bare (a int)",
        "CREATE TABLE old_engine (id int PRIMARY KEY) ENGINE = MyISAM",
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (id int PRIMARY KEY, p int,"
            + " CONSTRAINT follows FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
        "CREATE TABLE counted (id int AUTO_INCREMENT PRIMARY KEY)",
        "CREATE TABLE noisy (id int PRIMARY KEY)",
        "CREATE TRIGGER shout BEFORE INSERT ON noisy FOR EACH ROW SET @heard = 1",
        "CREATE TRIGGER quiet AFTER INSERT ON noisy FOR EACH ROW"
            + " SET @heard = coalesce(@spokewire_apply, 2)");
    List<Finding> findings = check(server, database, Direction.BOTH, Set.of(), "*", "gone");
    assertThat(of(findings, "bare")).anyMatch(f -> f.action().contains("ADD PRIMARY KEY"));
    assertThat(of(findings, "old_engine"))
        .anyMatch(
            f ->
                f.action()
                    .equals("ALTER TABLE `%s`.`old_engine` ENGINE = InnoDB;".formatted(database)));
    assertThat(of(findings, "child"))
        .anySatisfy(
            f -> {
              assertThat(f.severity()).isEqualTo(Severity.ERROR);
              assertThat(f.problem()).contains("follows").contains("parent").contains("CASCADE");
            });
    assertThat(of(findings, "noisy"))
        .anySatisfy(f -> assertThat(f.problem()).contains("shout").doesNotContain("quiet"));
    assertThat(of(findings, "counted"))
        .anySatisfy(f -> assertThat(f.action()).contains("auto_increment_increment"));
    assertThat(warnings(findings)).extracting(Finding::subject).contains("pattern gone");
    assertThat(errors(check(server, database, Direction.BOTH, Set.of())))
        .as("before a plan is known no table is demanded")
        .isEmpty();
    assertThat(of(check(server, database, Direction.PULL, Set.of(), "*"), "child"))
        .as("what only receives sends no cascades")
        .noneMatch(f -> f.severity() == Severity.ERROR);
  }

  @Test
  void whoMayDoEverythingIsWarned() throws Exception {
    assertThat(warnings(check(server, Direction.BOTH)))
        .anySatisfy(f -> assertThat(f.problem()).contains("may do everything"));
  }

  // ---- as root in a database of its own, but for asAgent

  @Test
  void pollingTakesSelectAloneAndSaysWhatItDoesNotSee() throws Exception {
    onServer(
        server,
        "CREATE TABLE " + database + ".orders (id int PRIMARY KEY, updated_at datetime)",
        "CREATE TABLE " + database + ".bare (id int PRIMARY KEY)",
        "GRANT SHOW VIEW ON " + database + ".* TO " + user + "@'127.0.0.1'");
    List<Finding> before = poll(Direction.PUSH, "orders");
    assertThat(errors(before))
        .singleElement()
        .satisfies(f -> assertThat(f.action()).startsWith("GRANT SELECT ON `" + database));
    onServer(server, errors(before).getFirst().action());
    List<Finding> after = poll(Direction.PUSH, "orders");
    assertThat(errors(after)).isEmpty();
    assertThat(after)
        .extracting(Finding::toString)
        .anyMatch(f -> f.contains("does not see deletes"))
        .anyMatch(f -> f.contains("rows without updated_at"))
        .anyMatch(f -> f.contains("no time zone in updated_at"));
    String index =
        "CREATE INDEX `orders_updated_at_idx` ON `" + database + "`.`orders` (`updated_at`);";
    assertThat(after).extracting(Finding::action).contains(index);
    onServer(server, index);
    assertThat(poll(Direction.PUSH, "orders")).extracting(Finding::action).doesNotContain(index);
    assertThat(errors(poll(Direction.PUSH, "*")))
        .singleElement()
        .satisfies(f -> assertThat(f.sentence()).contains("bare has no column updated_at"));
    for (Direction other : List.of(Direction.BOTH, Direction.PULL)) {
      assertThat(errors(poll(other, "orders")))
          .singleElement()
          .satisfies(f -> assertThat(f.problem()).contains("direction is " + other.label()));
    }
  }

  private List<Finding> poll(Direction direction, String... tables) {
    return new MyPollPreflight(
            at(server, database, user, "secret"),
            scope(direction, Set.of(), tables),
            PollSettings.DEFAULT)
        .check();
  }

  private List<Finding> asAgent(Direction direction, String... tables) {
    return asAgent(direction, false, tables);
  }

  private List<Finding> asAgent(Direction direction, boolean byTriggers, String... tables) {
    return new MyPreflight(
            at(server, database, user, "secret"), scope(direction, Set.of(), tables), byTriggers)
        .check();
  }

  protected final List<Finding> check(
      EmbeddedMySql at, Direction direction, WeakSetting... accepted) {
    return check(at, "mysql", direction, Set.of(accepted));
  }

  private static List<Finding> check(
      EmbeddedMySql at,
      String database,
      Direction direction,
      Set<WeakSetting> accepted,
      String... tables) {
    return new MyPreflight(at(at, database, "root", ""), scope(direction, accepted, tables), false)
        .check();
  }

  private static MyPreflight preflight(EmbeddedMySql at, Direction direction) {
    return new MyPreflight(at(at, "mysql", "root", ""), scope(direction, Set.of()), false);
  }

  private static PreflightScope scope(
      Direction direction, Set<WeakSetting> accepted, String... tables) {
    return new PreflightScope(
        new SpokeId("lisbon"),
        direction,
        Arrays.stream(tables).map(TablePattern::new).toList(),
        accepted);
  }

  private static MyDatabase at(EmbeddedMySql server, String database, String user, String secret) {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("sslMode", server.flavour() == Flavour.MYSQL ? "REQUIRED" : "DISABLED");
    return new MyDatabase(
        "jdbc:mysql://127.0.0.1:" + server.port() + "/" + database, properties, () -> secret);
  }

  protected static void onServer(EmbeddedMySql server, String... sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl("mysql"));
        Statement statement = connection.createStatement()) {
      for (String command : sql) {
        statement.execute(command);
      }
    }
  }

  protected static List<Finding> errors(List<Finding> findings) {
    return findings.stream().filter(f -> f.severity() == Severity.ERROR).toList();
  }

  protected static List<Finding> warnings(List<Finding> findings) {
    return findings.stream().filter(f -> f.severity() == Severity.WARNING).toList();
  }

  private List<Finding> of(List<Finding> findings, String table) {
    return findings.stream()
        .filter(f -> f.subject().equals("table " + database + "." + table))
        .toList();
  }
}
