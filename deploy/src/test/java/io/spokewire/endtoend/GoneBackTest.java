package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A site's database is restored from a copy of its files: nothing flows until somebody lets it
 * rejoin, and then it lacks nothing, not even what it wrote itself after the copy was made.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GoneBackTest {
  private static final String PLAN =
      """
      tables: [item]
      conflict_resolution:
        strategies:
          - name: last_write_wins
          - name: counted
            rules:
              - {field: stock, strategy: sum}
        tables:
          item: counted
      """;

  private Cluster cluster;
  private PostgresSite lisbon;
  private PostgresSite porto;

  @BeforeAll
  void startEverything() {
    cluster = new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")));
    cluster.applyPlan(PLAN);
    lisbon = cluster.startSite("lisbon", 18, Map.of());
    porto = cluster.startSite("porto", 15, Map.of());
    for (PostgresSite site : List.of(lisbon, porto)) {
      site.createTables("CREATE TABLE item (id int PRIMARY KEY, name text, stock int)");
      cluster.join(site, "both");
    }
    lisbon.execute("INSERT INTO item SELECT i, 'item ' || i, 100 FROM generate_series(1, 20) i");
    converged();
  }

  @AfterAll
  void stopEverything() {
    cluster.close();
  }

  @Test
  @Order(1)
  void aRestoredDatabaseStaysOutUntilItRejoinsAndThenLacksNothing() throws Exception {
    porto.execute("UPDATE item SET stock = stock + 1000 WHERE id = 1");
    lisbon.execute(
        "UPDATE item SET stock = stock + 5 WHERE id = 1", // with the hub now or not
        "DELETE FROM item WHERE id = 20");
    Path backup = copy(lisbon, "first");
    porto.execute("UPDATE item SET name = 'of porto' WHERE id = 2");
    lisbon.execute(
        "UPDATE item SET stock = stock + 7 WHERE id = 1",
        "UPDATE item SET name = 'lost' WHERE id IN (3, 4)",
        "INSERT INTO item VALUES (100, 'lost', 1)",
        "DELETE FROM item WHERE id = 19");
    converged();
    cluster.hub().syncadm("topology", "pause", "lisbon").orThrow();
    lisbon.execute("INSERT INTO item VALUES (101, 'never \"sent\"', 1)");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> state("lisbon").get("outbox_pending").asLong() == 1);
    lisbon.agent().close();
    cluster.hub().syncadm("topology", "resume", "lisbon").orThrow();

    restore(lisbon, backup);
    lisbon.execute(
        "UPDATE item SET name = 'after the restore' WHERE id IN (3, 5)",
        "UPDATE item SET stock = stock + 2 WHERE id = 1",
        "INSERT INTO item VALUES (102, 'after the restore', 1)");
    lisbon.startAgent();
    awaitNeedsResync();
    porto.execute("INSERT INTO item VALUES (103, 'meanwhile', 1)");
    assertThat(cluster.waitConverged("2s").exitCode()).isOne();
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id IN (100, 103)")).isEqualTo("0");
    assertThat(porto.query("SELECT count(*) FROM item WHERE id = 102")).isEqualTo("0");

    rejoin();
    converged();
    assertThat(lisbon.digest("item")).isEqualTo(porto.digest("item"));
    assertThat(porto.query("SELECT stock FROM item WHERE id = 1")).isEqualTo("1114");
    assertThat(
            lisbon.query("SELECT string_agg(name, ',' ORDER BY id) FROM item WHERE id IN (2, 4)"))
        .isEqualTo("of porto,lost");
    assertThat(lisbon.query("SELECT string_agg(id::text, ',' ORDER BY id) FROM item WHERE id > 18"))
        .isEqualTo("100,102,103");
    assertThat(lisbon.query("SELECT name FROM item WHERE id = 3")).isEqualTo("after the restore");
    assertThat(conflictsOf(3)).isNotEmpty();
    assertThat(conflictsOf(5)).isEmpty();

    String aside = Files.readString(lisbon.dataDirectory().resolve("aside/changes-epoch-1.jsonl"));
    assertThat(aside.lines())
        .singleElement()
        .asString()
        .contains("\"table\": \"item\"", "\"operation\": \"insert\"", "\"never \\\"sent\\\"\"");
  }

  @Test
  @Order(2)
  void anAgentThatRunsAllTheWhileFindsOutByItself() throws Exception {
    Path backup = copy(lisbon, "second");
    for (int i = 200; i < 260; i++) {
      lisbon.execute("INSERT INTO item VALUES (" + i + ", 'lost', 1)");
      porto.execute("UPDATE item SET stock = stock + 1 WHERE id = 6");
    }
    converged();
    restore(lisbon, backup);
    lisbon.execute("UPDATE item SET stock = stock + 1 WHERE id = 6");
    awaitNeedsResync();
    rejoin();
    converged();
    assertThat(lisbon.digest("item")).isEqualTo(porto.digest("item"));
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id >= 200")).isEqualTo("60");
    assertThat(lisbon.query("SELECT stock FROM item WHERE id = 6")).isEqualTo("161");
  }

  @Test
  @Order(3)
  void theHubKnowsOfRejoinsAfterARestart() {
    cluster.hub().kill9();
    cluster.hub().start();
    lisbon.execute("UPDATE item SET name = 'live' WHERE id = 7");
    porto.execute("UPDATE item SET name = 'live' WHERE id = 8");
    converged();
    assertThat(lisbon.digest("item")).isEqualTo(porto.digest("item"));
    assertThat(cluster.hub().syncadm("topology", "show", "lisbon").out()).contains("Epoch", "3");
  }

  private Path copy(PostgresSite site, String name) throws IOException, InterruptedException {
    Path backup = cluster.directory().resolve("backup-" + name);
    site.server().stop();
    copy(site.server().dataDirectory(), backup);
    site.server().restart();
    return backup;
  }

  private static void restore(PostgresSite site, Path backup)
      throws IOException, InterruptedException {
    site.server().stop();
    Path data = site.server().dataDirectory();
    Path late = data.resolveSibling("late-" + System.nanoTime());
    Files.move(data, late);
    copy(backup, data);
    site.server().restart();
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    Process copy =
        new ProcessBuilder("cp", "-a", from.toString(), to.toString()).inheritIO().start();
    assertThat(copy.waitFor()).isZero();
  }

  private void awaitNeedsResync() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              JsonNode state = state("lisbon");
              assertThat(state.get("state").asText()).isEqualTo("needs_resync");
              assertThat(state.get("reason").asText()).contains("went back in time");
            });
  }

  private void rejoin() {
    CommandResult result = cluster.hub().syncadm("topology", "rejoin", "lisbon", "--catch-up");
    assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
    assertThat(result.out()).contains("goes on as epoch");
  }

  private void converged() {
    CommandResult result = cluster.waitConverged("60s");
    assertThat(result.exitCode()).as(result.out() + result.err() + cluster.logTails()).isZero();
  }

  private List<JsonNode> conflictsOf(int id) {
    JsonNode all =
        Cluster.json(
            cluster.hub().syncadm("conflicts", "list", "--key", String.valueOf(id), "-o", "json"));
    return all.valueStream().toList();
  }

  private JsonNode state(String spoke) {
    for (JsonNode one : Cluster.json(cluster.hub().syncadm("topology", "list", "-o", "json"))) {
      if (one.get("name").asText().equals(spoke)) {
        return one;
      }
    }
    throw new AssertionError("no spoke " + spoke);
  }
}
