package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.NeedsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A site that gives its agent SELECT and nothing else, beside two that have their logs. */
@NeedsServer(EmbeddedMySql.Flavour.MARIADB)
class PolledSiteTest {
  private static final String ROWS =
      "SELECT concat(id, '|', site, '|', amount) FROM readings WHERE site = 'faro' ORDER BY id";

  private Cluster cluster;
  private PostgresSite lisbon;
  private PostgresSite porto;
  private MySqlSite faro;

  @Test
  void whatItsUsersWriteAndDeleteIsEverywhereThoughItsAgentIsKilled() throws Exception {
    try (Cluster whole =
        new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")))) {
      cluster = whole;
      try {
        startSites();
        refusesToReceive();
        join();
        writeWhileTheAgentIsKilled();
        converge();
        assertThat(faro.rows(ROWS)).hasSizeGreaterThan(100);
        demandNothingIsMade();
        refusesAnotherMethod();
      } catch (Exception | AssertionError e) {
        System.err.println(whole.logTails());
        throw e;
      }
    }
  }

  private void startSites() {
    cluster.applyPlan("tables: [readings]");
    lisbon = cluster.startSite("lisbon", 18, Map.of());
    porto = cluster.startSite("porto", 15, Map.of());
    for (PostgresSite site : List.of(lisbon, porto)) {
      site.createTables(
          "CREATE TABLE readings (id int PRIMARY KEY, site varchar(20) NOT NULL,"
              + " amount numeric(10,2) NOT NULL, updated_at timestamptz NOT NULL)");
      cluster.join(site, "both");
    }
    faro = cluster.startSite("faro", EmbeddedMySql.Flavour.MARIADB);
    faro.execute(
        "CREATE TABLE readings (id int PRIMARY KEY, site varchar(20) NOT NULL,"
            + " amount decimal(10,2) NOT NULL, updated_at timestamp(6) NOT NULL"
            + " DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6))",
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM spokewire@'%'",
        "GRANT SELECT ON shop.* TO spokewire@'%'");
  }

  private CommandResult tryJoin(String spoke, String direction, String method) {
    String token =
        Cluster.json(
                cluster
                    .hub()
                    .syncadm(
                        "topology", "add-spoke", spoke, "--direction", direction, "-o", "json"))
            .get("token")
            .asText();
    return faro.join(cluster.hub().grpc(), token, "--capture", method);
  }

  private void refusesToReceive() {
    CommandResult refused = tryJoin("tavira", "both", "polling");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("capture by polling is for spokes that only send")
        .contains("this one's direction is both")
        .contains("would be taken for its users' writes");
    cluster.hub().syncadm("topology", "remove-spoke", "tavira").orThrow();
  }

  /** The best that is left. */
  private void join() throws IOException {
    CommandResult joined = tryJoin("faro", "push", "auto").orThrow();
    assertThat(joined.err())
        .contains("changes are captured by polling, because binlog does not go")
        .contains("does not see deletes");
    replace("interval: \"5s\"", "interval: 200ms\n    delete_detection: 1s");
    faro.startAgent();
  }

  private void replace(String text, String by) throws IOException {
    Path settings = cluster.directory().resolve("faro").resolve("agent.yaml");
    String before = Files.readString(settings);
    assertThat(before).contains(text);
    Files.writeString(settings, before.replace(text, by));
  }

  private void writeWhileTheAgentIsKilled() {
    Random random = new Random(7);
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 60; i++) {
        int id = round * 60 + i;
        faro.execute("INSERT INTO readings (id, site, amount) VALUES (" + id + ", 'faro', 1)");
        int other = random.nextInt(id + 1);
        faro.execute(
            random.nextInt(4) == 0
                ? "DELETE FROM readings WHERE id = " + other
                : "UPDATE readings SET amount = amount + 1 WHERE id = " + other);
        if (i == 20) {
          faro.agent().kill9();
        } else if (i == 40) {
          faro.startAgent();
        }
      }
      int id = 1000 + round;
      lisbon.execute("INSERT INTO readings VALUES (" + id + ", 'lisbon', 1, now())");
      porto.execute("UPDATE readings SET amount = 9 WHERE site = 'lisbon'");
    }
  }

  private void converge() {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    String all = "SELECT concat(id, '|', site, '|', amount) FROM readings ORDER BY id";
    List<String> expected = faro.rows(ROWS);
    // Deletes are found when keys are read next.
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              for (DatabaseSite site : List.of(lisbon, porto)) {
                assertThat(site.rows(ROWS)).as(site.name()).isEqualTo(expected);
              }
              assertThat(lisbon.rows(all)).isEqualTo(porto.rows(all));
            });
  }

  private void demandNothingIsMade() {
    assertThat(
            faro.rows(
                "SELECT schema_name FROM information_schema.schemata"
                    + " WHERE schema_name = 'spokewire' UNION ALL"
                    + " SELECT trigger_name FROM information_schema.triggers"))
        .isEmpty();
    assertThat(faro.agentCommand("preflight").exitCode()).isZero();
  }

  private void refusesAnotherMethod() throws IOException {
    faro.agent().kill9();
    replace("method: polling", "method: binlog");
    CommandResult refused = faro.agentCommand("run");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("there is no way from polling").contains("join anew");
  }
}
