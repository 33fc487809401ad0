package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.HubNode;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A hub and the sites lisbon, porto and faro, a clerk at each: what the tests of faults have in
 * common. As an extension it prints the ends of all logs when a test fails, and stops the clerks.
 */
final class Branches implements AutoCloseable, AfterTestExecutionCallback {
  static final List<String> TABLES = List.of("ledger", "hot", "bulk");
  static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String AGENT_HEAP = "128m";

  private final Cluster cluster;
  private final List<PostgresSite> sites = new ArrayList<>();
  private final List<Clerk> clerks = new ArrayList<>();

  /**
   * Starts everything.
   *
   * @param hubHeap the hub's largest heap, such as {@code 256m}
   */
  Branches(String hubHeap) {
    cluster =
        new Cluster(
            Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options"), hubHeap, AGENT_HEAP));
    try {
      cluster.applyPlan("tables: ['*']\n");
      for (String name : List.of("lisbon", "porto", "faro")) {
        PostgresSite site = cluster.startSite(name, name.equals("porto") ? 15 : 18, Map.of());
        site.createTables(Clerk.TABLES);
        site.execute(Clerk.COUNTING);
        cluster.join(site, "both");
        sites.add(site);
        clerks.add(new Clerk(site, name.hashCode(), 5));
      }
      sites
          .getFirst()
          .execute(
              "INSERT INTO hot SELECT i, 'base' FROM generate_series(0, %d) i"
                  .formatted(Clerk.HOT_ROWS - 1));
      converge();
    } catch (RuntimeException | Error e) {
      System.err.println(cluster.logTails());
      close();
      throw e;
    }
  }

  Cluster cluster() {
    return cluster;
  }

  HubNode hub() {
    return cluster.hub();
  }

  PostgresSite lisbon() {
    return cluster.site("lisbon");
  }

  PostgresSite porto() {
    return cluster.site("porto");
  }

  PostgresSite faro() {
    return cluster.site("faro");
  }

  List<PostgresSite> sites() {
    return List.copyOf(sites);
  }

  List<Clerk> clerks() {
    return List.copyOf(clerks);
  }

  Clerk clerkAt(PostgresSite site) {
    return clerks.get(sites.indexOf(site));
  }

  void startClerks() {
    clerks.forEach(Clerk::start);
    awaitCommits(5);
  }

  void stopClerks() throws InterruptedException {
    for (Clerk clerk : clerks) {
      clerk.stop();
    }
  }

  /** Waits until the clerk at each site has so many more commits. */
  void awaitCommits(int more) {
    clerks.forEach(clerk -> clerk.awaitCommits(more));
  }

  /** Everything is everywhere, once, and nothing else is. */
  void converge() {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode())
        .as(wait.out() + wait.err() + hub().syncadm("topology", "list").out())
        .isZero();
    for (PostgresSite site : sites) {
      for (String table : TABLES) {
        assertThat(site.digest(table))
            .as("%s at %s", table, site.name())
            .isEqualTo(sites.getFirst().digest(table));
      }
      clerks.forEach(clerk -> clerk.verifyAt(site));
      assertThat(
              site.query(
                  "SELECT string_agg(id || ' ' || operation || ' ' || times, ', ') FROM (SELECT id,"
                      + " operation, count(*) AS times FROM counting.write GROUP BY 1, 2) w"
                      + " WHERE times > 1 OR operation <> 'INSERT'"))
          .as("rows written more than once at " + site.name())
          .isEqualTo("null");
      assertThat(site.query("SELECT count(*) FROM counting.write"))
          .as("rows that were written at " + site.name())
          .isEqualTo(site.query("SELECT count(*) FROM ledger"));
    }
  }

  /** Waits until a row with this key is in the site's table {@code bulk}. */
  void awaitBulk(PostgresSite site, String origin, int batch) {
    Awaitility.await(origin + " " + batch + " at " + site.name())
        .atMost(LIMIT)
        .until(() -> bulkRows(site, origin, batch) > 0);
  }

  static long bulkRows(PostgresSite site, String origin, int batch) {
    return Long.parseLong(
        site.query(
            "SELECT count(*) FROM bulk WHERE site = '%s' AND batch = %d".formatted(origin, batch)));
  }

  static void writeBulk(PostgresSite site, int batch, int rows) {
    site.execute(
        "INSERT INTO bulk SELECT '%s', %d, i, md5(i::text) FROM generate_series(1, %d) i"
            .formatted(site.name(), batch, rows));
  }

  /** What {@code topology list} says of a spoke. */
  JsonNode state(PostgresSite site) {
    for (JsonNode one : Cluster.json(hub().syncadm("topology", "list", "-o", "json"))) {
      if (one.get("name").asText().equals(site.name())) {
        return one;
      }
    }
    throw new AssertionError("no spoke " + site.name());
  }

  @Override
  public void afterTestExecution(ExtensionContext test) throws Exception {
    for (Clerk clerk : clerks) {
      clerk.abandon();
    }
    if (test.getExecutionException().isPresent()) {
      System.err.println(test.getDisplayName() + " failed\n" + cluster.logTails());
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
