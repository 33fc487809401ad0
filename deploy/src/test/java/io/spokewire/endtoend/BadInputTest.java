package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.ProgramRun;
import io.spokewire.deploy.cluster.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A new user who does everything wrong, with the real programs: each time one line says what is
 * wrong and what to do, the exit code is the documented one, and nothing is half made.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadInputTest {
  private static final int USAGE = 2;
  private static final int UNREACHABLE = 3;
  private static final int REFUSED = 4;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String ROLE = "spokewire";

  private final Programs programs = Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options"));
  private Cluster cluster;
  private PostgresSite lisbon;
  private PostgresSite plain; // wal_level = replica
  private String token = "";

  @BeforeAll
  void startEverything() {
    cluster = new Cluster(programs);
    lisbon = cluster.startSite("lisbon", 18, Map.of());
    lisbon.createTables(
        "CREATE TABLE item (id int PRIMARY KEY, name text)", "CREATE TABLE loose (note text)");
    lisbon.execute(
        "CREATE ROLE poor LOGIN PASSWORD 'poor'",
        "CREATE DATABASE shop2",
        "GRANT ALL ON DATABASE" + " shop2 TO " + ROLE);
    plain = cluster.startSite("plain", 15, Map.of("wal_level", "replica"));
    plain.createTables("CREATE TABLE item (id int PRIMARY KEY, name text)");
    plain.execute("GRANT CREATE ON DATABASE shop TO " + ROLE);
    token = addSpoke("lisbon");
  }

  @AfterAll
  void stopEverything() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void administratorsReadWhatIsWrongInOneLine() {
    for (String command : List.of("show", "pause", "resume", "remove-spoke")) {
      says(syncadm("topology", command, "nobody"), USAGE, "there is no spoke 'nobody'", "list");
    }
    says(syncadm("topology", "add-spoke", "lisbon"), USAGE, "the name is taken", "another name");
    says(syncadm("topology", "add-spoke", "x", "--ttl", "3y"), USAGE, "'3y'", "60s");
    says(syncadm("-o", "xml", "status"), USAGE, "'xml'", "table, json or csv");
    says(
        run(programs.syncadm(), Map.of("HOME", directory()), "status"),
        USAGE,
        "there is no such file",
        "--profile");
  }

  @Test
  @Order(2)
  void aHubThatCanNotRunSaysWhy() throws IOException {
    Path other = cluster.directory().resolve("other-hub");
    says(hub("run", "--data-dir", other), USAGE, "no hub was set up here", "hub-server init");
    says(hub("init", "--data-dir", directory()), USAGE, "not empty", "another --data-dir");
    says(hub("run"), USAGE, "--data-dir", "--help");
    says(
        hub("run", "--data-dir", cluster.hub().dataDirectory()),
        USAGE,
        "another hub-server is using it",
        "stop");
    hub("init", "--data-dir", other, "--listen", cluster.hub().grpc(), "--http", "127.0.0.1:0")
        .orThrow();
    says(hub("run", "--data-dir", other), USAGE, "already in use", "grpc.listen");
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
    says(hub("run", "--data-dir", other), REFUSED, "others may read it", "chmod 700 " + other);
  }

  @Test
  @Order(3)
  void aPlanWithFaultsIsRefusedWithAllOfThem() throws IOException {
    cluster.applyPlan("tables: [item]\n");
    Path file = cluster.directory().resolve("wrong.yaml");
    Files.writeString(
        file,
        """
        tabels: [item]
        tables:
          - item
          - public.item
        conflict_resolution:
          strategies:
            - name: guess
        """);
    for (String command : List.of("validate", "apply")) {
      CommandResult result = syncadm("plan", command, "-f", file.toString());
      says(result, USAGE, "faults", "");
      assertThat(result.err().lines().skip(1))
          .as("one line for each fault: file, line, hint")
          .hasSizeGreaterThanOrEqualTo(3)
          .allMatch(line -> line.matches(".*wrong\\.yaml:\\d+: .+ \\(.+\\)"));
      assertThat(result.err()).contains("tabels").contains("tables").contains("public.item");
    }
    assertThat(syncadm("plan", "show").out()).contains("tables: [item]");
  }

  @Test
  @Order(4)
  void aJoinThatFailsLeavesNothingAndTheTokenStaysGood() throws IOException {
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
    String[] parts = token.split("\\.");
    String pin = parts[3];
    Path empty = Files.writeString(cluster.directory().resolve("empty.password"), "\n");
    Path poor = Files.writeString(cluster.directory().resolve("poor.password"), "poor\n");
    String nobody = "127.0.0.1:1";
    JoinLine good = goodJoin();

    failsCleanly(good.token("sw1.lisbon"), REFUSED, "not a whole token", "all of it");
    failsCleanly(
        good.token("sw1.lisbon." + secret + "." + pin), REFUSED, "not known", "add-spoke lisbon");
    failsCleanly(
        good.token("sw1.lisbon." + parts[2] + "." + secret),
        REFUSED,
        "authority is not the one that the token names",
        "right hub");
    failsCleanly(good.hub(nobody), UNREACHABLE, "refused", "is the hub running");
    failsCleanly(
        good.database("jdbc:postgresql://127.0.0.1:1/shop"),
        UNREACHABLE,
        "refused",
        "is the database server running");
    failsCleanly(good.database(url("shop3")), USAGE, "\"shop3\" does not exist", "name");
    failsCleanly(good.database("jdbc:oracle:x"), USAGE, "jdbc:postgresql", "--help");
    failsCleanly(good.user("nobody"), REFUSED, "\"nobody\" does not exist", "pg_hba.conf");
    failsCleanly(good.credentials(empty), USAGE, "no password there", "put the password there");
    CommandResult rights = failsCleanly(good.user("poor").credentials(poor), REFUSED, "lacks", "");
    assertThat(rights.err()).contains("ALTER ROLE poor REPLICATION;");
    failsCleanly(
        good.database(plain.jdbcUrl()).capture("logical_replication"),
        USAGE,
        "wal_level is replica, not logical",
        "ALTER SYSTEM SET wal_level = logical");

    good.run().orThrow();
    assertThat(lisbon.query("SELECT count(*) FROM spokewire.identity")).isEqualTo("1");
    says(good.run(), USAGE, "has joined from here already", "spoke-agent run");
    JoinLine elsewhere = good.dataDirectory(cluster.directory().resolve("elsewhere"));
    says(elsewhere.run(), REFUSED, "used already", "remove-spoke lisbon");
    assertThat(elsewhere.dataDirectory()).doesNotExist();
  }

  @Test
  @Order(5)
  void aDatabaseOfAnotherSpokeIsLeftAloneAndTheTokenStaysGood() throws IOException {
    JoinLine porto =
        goodJoin().token(addSpoke("porto")).dataDirectory(cluster.directory().resolve("porto"));
    for (int i = 0; i < 2; i++) {
      says(porto.run(), REFUSED, "it belongs to spoke lisbon", "right database");
      assertThat(porto.dataDirectory()).doesNotExist();
    }
    String brief =
        Cluster.json(syncadm("topology", "add-spoke", "late", "--ttl", "1s", "-o", "json"))
            .get("token")
            .asText();
    Awaitility.await()
        .pollDelay(Duration.ofSeconds(1))
        .untilAsserted(() -> says(porto.token(brief).run(), REFUSED, "expired", "add-spoke late"));
  }

  @Test
  @Order(6)
  void theAgentWaitsForTheHubAndForTheDatabase() throws IOException {
    cluster.hub().stop();
    lisbon.server().stop();
    lisbon.startAgentWithoutWaiting();
    awaitOutput(lisbon.agent(), "waiting for the database");
    lisbon.server().restart();
    awaitOutput(lisbon.agent(), "attach to the hub");
    assertThat(lisbon.agent().isAlive()).isTrue();
    cluster.hub().start();
    lisbon.agent().awaitLine("agent ready spoke=lisbon", 0, LIMIT);
  }

  @Test
  @Order(7)
  void aTableWithoutAKeyIsNamedWithWhatToDo() {
    cluster.applyPlan("tables: [item, loose]\n");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(syncadm("topology", "show", "lisbon").out())
                    .contains("loose")
                    .containsIgnoringCase("primary key"));
    cluster.applyPlan("tables: [item]\n");
  }

  @Test
  @Order(8)
  void aDirectoryInUseOrOpenToOthersOrCopiedIsRefused() throws IOException {
    Path own = lisbon.dataDirectory();
    says(lisbon.agentCommand("run"), USAGE, "another agent is using it", "stop that agent");

    Path copy = cluster.directory().resolve("copy");
    copy(own, copy);
    Path settings = copy.resolve("agent.yaml");
    Files.writeString(
        settings, Files.readString(settings).replaceFirst("database: .*", "database: shop2"));
    lisbon.agent().close();
    // The copy is sound, and its database is not: it has the schema of another agent.
    claimForOther("shop2");
    says(agent("run", "--data-dir", copy), REFUSED, "belongs to spoke other", "data directory");

    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-xr-x"));
    says(lisbon.agentCommand("run"), REFUSED, "others may read it", "chmod 700 " + own);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    says(
        agent("run", "--data-dir", cluster.directory().resolve("none")),
        USAGE,
        "no such directory",
        "join");
  }

  @Test
  @Order(9)
  void preflightReadsWell() throws IOException {
    CommandResult table = lisbon.agentCommand("preflight");
    assertThat(table.exitCode()).isZero();
    assertThat(table.out()).contains("warning: ");
    CommandResult json = lisbon.agentCommand("preflight", "-o", "json");
    JsonNode findings = Cluster.json(json);
    assertThat(findings.isArray()).isTrue();
    assertThat(findings)
        .isNotEmpty()
        .allSatisfy(
            finding -> {
              assertThat(finding.get("blocking").asBoolean()).isFalse();
              assertThat(finding.get("problem").asText()).isNotEmpty();
              assertThat(finding.get("fix").asText()).isNotEmpty();
            });
    lisbon.execute("ALTER ROLE " + ROLE + " NOREPLICATION");
    CommandResult lacking = lisbon.agentCommand("preflight");
    lisbon.execute("ALTER ROLE " + ROLE + " REPLICATION");
    assertThat(lacking.exitCode()).isEqualTo(1);
    assertThat(lacking.out())
        .startsWith("error: role spokewire lacks REPLICATION -- ALTER ROLE spokewire REPLICATION;");
  }

  @Test
  @Order(10)
  void aRemovedSpokesAgentEndsAtOnceAndSaysWhy() {
    lisbon.startAgent();
    syncadm("topology", "remove-spoke", "lisbon").orThrow();
    assertThat(lisbon.agent().awaitExit(Duration.ofSeconds(10))).isEqualTo(REFUSED);
    assertThat(lisbon.agent().outputText().lines().filter(l -> l.startsWith("error: ")).toList())
        .hasSize(1)
        .allSatisfy(line -> assertThat(line).contains("was removed"));
  }

  // ---- what the programs are given, and what they say

  /** The command line of a join, one part of it changed at a time. */
  private record JoinLine(
      List<String> agent,
      String hub,
      String token,
      Path dataDirectory,
      String database,
      String user,
      Path credentials,
      String capture) {
    JoinLine hub(String other) {
      return new JoinLine(agent, other, token, dataDirectory, database, user, credentials, capture);
    }

    JoinLine token(String other) {
      return new JoinLine(agent, hub, other, dataDirectory, database, user, credentials, capture);
    }

    JoinLine dataDirectory(Path other) {
      return new JoinLine(agent, hub, token, other, database, user, credentials, capture);
    }

    JoinLine database(String other) {
      return new JoinLine(agent, hub, token, dataDirectory, other, user, credentials, capture);
    }

    JoinLine user(String other) {
      return new JoinLine(agent, hub, token, dataDirectory, database, other, credentials, capture);
    }

    JoinLine credentials(Path other) {
      return new JoinLine(agent, hub, token, dataDirectory, database, user, other, capture);
    }

    JoinLine capture(String other) {
      return new JoinLine(agent, hub, token, dataDirectory, database, user, credentials, other);
    }

    CommandResult run() {
      List<String> command = new ArrayList<>(agent);
      command.addAll(List.of("join", "--hub", hub, "--token", token));
      command.addAll(List.of("--data-dir", dataDirectory.toString(), "--database", database));
      command.addAll(List.of("--user", user, "--credentials", "file:" + credentials));
      command.addAll(List.of("--database-ssl", "disabled", "--capture", capture));
      return CommandResult.of(command, Map.of(), LIMIT);
    }
  }

  private JoinLine goodJoin() {
    return new JoinLine(
        programs.agent(),
        cluster.hub().grpc(),
        token,
        lisbon.dataDirectory(),
        lisbon.jdbcUrl(),
        ROLE,
        cluster.directory().resolve("lisbon.password"),
        "auto");
  }

  private CommandResult failsCleanly(JoinLine join, int exitCode, String what, String hint) {
    CommandResult result = join.run();
    says(result, exitCode, what, hint);
    assertThat(join.dataDirectory()).as(what).doesNotExist();
    assertThat(lisbon.query("SELECT count(*) FROM pg_replication_slots")).as(what).isEqualTo("0");
    assertThat(lisbon.query("SELECT to_regclass('spokewire.identity') IS NULL"))
        .as(what)
        .isEqualTo("t");
    return result;
  }

  private static void says(CommandResult result, int exitCode, String what, String hint) {
    assertThat(result.exitCode()).as(result.command() + "\n" + result.err()).isEqualTo(exitCode);
    List<String> said =
        result.err().lines().filter(l -> l.matches("(error|hub-server|syncadm): .*")).toList();
    assertThat(said).as(result.err()).hasSize(1);
    assertThat(said.getFirst()).contains(what).contains(hint);
    if (!result.command().contains("run")) { // a program that runs writes its log there as well
      assertThat(result.err()).startsWith(said.getFirst());
    }
    assertThat(result.err()).doesNotContain("\tat ").doesNotContain("Usage:");
    assertThat(result.out()).isEmpty();
  }

  private CommandResult syncadm(String... arguments) {
    return cluster.hub().syncadm(arguments);
  }

  private CommandResult hub(Object... arguments) {
    return run(programs.hub(), Map.of(), arguments);
  }

  private CommandResult agent(Object... arguments) {
    return run(programs.agent(), Map.of(), arguments);
  }

  private static CommandResult run(
      List<String> program, Map<String, String> environment, Object... arguments) {
    List<String> command = new ArrayList<>(program);
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    return CommandResult.of(command, environment, LIMIT);
  }

  private String addSpoke(String name) {
    return Cluster.json(syncadm("topology", "add-spoke", name, "-o", "json")).get("token").asText();
  }

  private String directory() {
    return cluster.directory().toString();
  }

  private String url(String database) {
    return lisbon.jdbcUrl().replaceFirst("/[a-z]+$", "/" + database);
  }

  private void claimForOther(String database) throws IOException {
    try (var connection =
            java.sql.DriverManager.getConnection(
                lisbon.server().jdbcUrl(database), "postgres", "");
        var statement = connection.createStatement()) {
      statement.execute(
          "SET ROLE "
              + ROLE
              + "; CREATE SCHEMA spokewire; CREATE TABLE spokewire.identity (one"
              + " boolean PRIMARY KEY DEFAULT true, spoke text, instance uuid, since timestamptz);"
              + " INSERT INTO spokewire.identity VALUES (true, 'other', gen_random_uuid(), now())");
    } catch (java.sql.SQLException e) {
      throw new IOException(e);
    }
  }

  private static void awaitOutput(ProgramRun program, String text) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(program.outputText()).contains(text));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(
            file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
