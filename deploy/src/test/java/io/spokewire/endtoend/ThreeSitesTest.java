package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Three real PostgreSQL sites, the real programs, everybody writes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ThreeSitesTest {
  private static final List<String> TABLES = List.of("account", "entry", "\"Odd \"\"Name\"\"\"");

  // Each test writes on while a program starts, and a slow machine must not drown in conflicts.
  private static final int PAUSE_MILLIS = 10;

  private Cluster cluster;
  private final List<PostgresSite> sites = new ArrayList<>();
  private final List<Workload> running = new ArrayList<>();

  @BeforeAll
  void startEverything() {
    cluster = new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")));
    cluster.applyPlan("tables: ['*']\n");
    Map.of("lisbon", 15, "porto", 18, "faro", 15)
        .forEach(
            (name, major) -> {
              PostgresSite site = cluster.startSite(name, major, Map.of());
              site.createTables(Workload.TABLES);
              cluster.join(site, "both");
              sites.add(site);
            });
  }

  @AfterAll
  void stopEverything() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void aCommitAtEachSiteReachesTheOthers() {
    for (int i = 0; i < sites.size(); i++) {
      sites
          .get(i)
          .execute("INSERT INTO account VALUES (%d, 'x', 1, now(), 'hello')".formatted(100000 + i));
    }
    converge();
    assertThat(sites.getFirst().query("SELECT count(*) FROM account")).isEqualTo("3");
  }

  @Test
  @Order(2)
  void randomWritesAtAllSitesConverge() throws Exception {
    List<Workload> workloads = workloads(1);
    for (Workload workload : workloads) {
      workload.start();
    }
    awaitCommits(workloads, 300);
    stop(workloads);
    converge();
  }

  @Test
  @Order(3)
  void agentsKilledInMidStreamLoseAndDoubleNothing() throws Exception {
    List<Workload> workloads = workloads(2);
    for (Workload workload : workloads) {
      workload.start();
    }
    for (PostgresSite site : sites) {
      awaitCommits(workloads, 100);
      site.agent().kill9();
      awaitCommits(workloads, 50);
      site.startAgent();
    }
    stop(workloads);
    converge();
  }

  @Test
  @Order(4)
  void theHubKilledInMidStreamLosesAndDoublesNothing() throws Exception {
    List<Workload> workloads = workloads(3);
    for (Workload workload : workloads) {
      workload.start();
    }
    for (int i = 0; i < 3; i++) {
      awaitCommits(workloads, 100);
      cluster.hub().kill9();
      awaitCommits(workloads, 50);
      cluster.hub().start();
    }
    stop(workloads);
    converge();
    CommandResult conflicts =
        cluster.hub().syncadm("conflicts", "list", "--limit", "1000000", "-o", "json");
    List<String> identities = new ArrayList<>();
    for (JsonNode c : Cluster.elements(conflicts)) {
      identities.add(
          c.get("position") + " " + c.get("table") + " " + c.get("key") + " " + c.get("field"));
    }
    assertThat(identities).as("each conflict is audited once").isNotEmpty().doesNotHaveDuplicates();
  }

  @Test
  @Order(5)
  void aConflictWhileASiteIsPausedIsSettledAndAudited() {
    sites.getFirst().execute("INSERT INTO account VALUES (777777, 'ana', 10, now(), 'base')");
    converge();
    PostgresSite lisbon = cluster.site("lisbon");
    PostgresSite porto = cluster.site("porto");
    cluster.hub().syncadm("topology", "pause", "porto").orThrow();
    lisbon.execute("UPDATE account SET note = 'from lisbon' WHERE id = 777777");
    porto.execute("UPDATE account SET note = 'from porto' WHERE id = 777777");
    assertThat(cluster.waitConverged("3s").exitCode()).as("a paused site is not converged").isOne();
    assertThat(porto.query("SELECT note FROM account WHERE id = 777777")).isEqualTo("from porto");
    cluster.hub().syncadm("topology", "resume", "porto").orThrow();
    converge();
    assertThat(lisbon.query("SELECT note FROM account WHERE id = 777777")).isEqualTo("from porto");
    JsonNode conflicts =
        Cluster.json(
            cluster
                .hub()
                .syncadm(
                    "conflicts", "list", "--table", "account", "--key", "777777", "-o", "json"));
    assertThat(conflicts).hasSize(1);
    JsonNode conflict = conflicts.get(0);
    assertThat(conflict.get("field").asText()).isEqualTo("note");
    assertThat(conflict.get("kind").asText()).isEqualTo("update_concurrent");
    assertThat(conflict.get("base_value").asText()).isEqualTo("base");
    assertThat(conflict.get("source_spoke").asText()).isEqualTo("porto");
    assertThat(conflict.get("source_value").asText()).isEqualTo("from porto");
    assertThat(conflict.get("target_value").asText()).isEqualTo("from lisbon");
    assertThat(conflict.get("result").asText()).isEqualTo("from porto");
  }

  @Test
  @Order(6)
  void fieldsAreSettledByRulesOfTheirOwn() {
    cluster.applyPlan(
        """
        tables: ['*']
        conflict_resolution:
          strategies:
            - name: last_write_wins
            - name: counted
              rules:
                - {field: balance, strategy: sum}
                - {field: seen, strategy: max}
                - {field: note, strategy: priority_order, order: [gold, silver]}
          tables: {account: counted}
        """);
    PostgresSite lisbon = cluster.site("lisbon");
    PostgresSite porto = cluster.site("porto");
    lisbon.execute("INSERT INTO account VALUES (888888, 'rui', 10, '2026-01-01 00:00Z', 'none')");
    converge();
    cluster.hub().syncadm("topology", "pause", "porto").orThrow();
    lisbon.execute(
        "UPDATE account SET balance = balance + 5, seen = '2026-03-01 00:00Z', note = 'gold'"
            + " WHERE id = 888888");
    porto.execute(
        "UPDATE account SET balance = balance - 2, seen = '2026-02-01 00:00Z', note = 'silver'"
            + " WHERE id = 888888");
    cluster.hub().syncadm("topology", "resume", "porto").orThrow();
    converge();
    for (PostgresSite site : sites) {
      assertThat(
              site.query(
                  "SELECT balance || ' ' || (seen AT TIME ZONE 'UTC')::date || ' ' || note"
                      + " FROM account WHERE id = 888888"))
          .isEqualTo("13.00 2026-03-01 gold");
    }
    JsonNode conflicts =
        Cluster.json(
            cluster
                .hub()
                .syncadm(
                    "conflicts", "list", "--table", "account", "--key", "888888", "-o", "json"));
    assertThat(conflicts)
        .extracting(c -> c.get("field").asText() + " " + c.get("resolution").asText())
        .containsExactlyInAnyOrder("seen max", "note priority_order");
  }

  @Test
  @Order(7)
  void aRuleThatDoesNotFitItsColumnIsRefusedWithThePlan() throws Exception {
    Path plan =
        Files.writeString(
            cluster.directory().resolve("misfit.yaml"),
            """
            tables: ['*']
            conflict_resolution:
              strategies:
                - name: counted
                  rules:
                    - {field: note, strategy: sum}
            """);
    CommandResult result = cluster.hub().syncadm("plan", "apply", "-f", plan.toString());
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err())
        .contains("lisbon: account.note: rule 'sum' does not fit: it adds exact numbers");
  }

  private List<Workload> workloads(long seed) {
    running.clear();
    for (int i = 0; i < sites.size(); i++) {
      running.add(new Workload(sites.get(i), seed * 31 + i, 40, PAUSE_MILLIS));
    }
    return List.copyOf(running);
  }

  @AfterEach
  void stopWorkloads() throws InterruptedException {
    for (Workload workload : running) {
      workload.abandon();
    }
  }

  private static void awaitCommits(List<Workload> workloads, int more) throws InterruptedException {
    for (Workload workload : workloads) {
      workload.awaitCommits(more);
    }
  }

  private static void stop(List<Workload> workloads) throws InterruptedException {
    for (Workload workload : workloads) {
      workload.stop();
    }
  }

  private void converge() {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    for (String table : TABLES) {
      String expected = sites.getFirst().digest(table);
      for (PostgresSite site : sites) {
        assertThat(site.digest(table)).as("%s at %s", table, site.name()).isEqualTo(expected);
      }
    }
  }
}
