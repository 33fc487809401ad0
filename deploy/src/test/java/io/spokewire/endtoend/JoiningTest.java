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
import java.util.ArrayList;
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
 * How a spoke becomes live: at once where its tables are empty, by the operator's word where they
 * are not; and that it stays so while certificates live for seconds only.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JoiningTest {
  private static final String PLAN = "tables: [item]\n";
  private static final String TABLE = "CREATE TABLE item (id int PRIMARY KEY, name text)";

  private final Programs programs = Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options"));
  private final List<Cluster> clusters = new ArrayList<>();
  private Cluster empty;

  @BeforeAll
  void startEverything() throws IOException {
    empty = new Cluster(programs);
    clusters.add(empty);
    Path settings = empty.hub().dataDirectory().resolve("hub.yaml");
    Files.writeString(
        settings,
        "\ncertificates: {leaf_lifetime: 20s}\n",
        java.nio.file.StandardOpenOption.APPEND);
    empty.hub().stop();
    empty.hub().start();
    empty.applyPlan(PLAN);
  }

  @AfterAll
  void stopEverything() {
    clusters.forEach(Cluster::close);
  }

  @Test
  @Order(1)
  void anEmptySiteThatJoinsLateGetsAllThatWasWrittenBefore() {
    PostgresSite lisbon = site(empty, "lisbon", 18);
    empty.join(lisbon, "both");
    lisbon.execute(
        "INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 1000) i",
        "DELETE FROM item WHERE id % 10 = 0",
        "UPDATE item SET name = 'seven' WHERE id % 7 = 0");
    assertThat(empty.waitConverged("60s").exitCode()).isZero();

    PostgresSite porto = site(empty, "porto", 15);
    empty.join(porto, "both");
    converged(empty);
    assertThat(porto.digest("item")).startsWith("900 rows").isEqualTo(lisbon.digest("item"));
    assertThat(state(empty, "porto").get("state").asText()).isEqualTo("live");
  }

  @Test
  @Order(2)
  void certificatesThatLiveSecondsAreRenewedWithoutLosingAnything() {
    PostgresSite lisbon = empty.site("lisbon");
    PostgresSite porto = empty.site("porto");
    int[] written = {10_000};
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              for (PostgresSite site : List.of(lisbon, porto)) {
                site.execute("INSERT INTO item VALUES (" + written[0]++ + ", 'x')");
              }
              return renewals(lisbon) >= 2 && renewals(porto) >= 2;
            });
    converged(empty);
    assertThat(porto.digest("item")).isEqualTo(lisbon.digest("item"));
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id >= 10000"))
        .isEqualTo(String.valueOf(written[0] - 10_000));

    empty.hub().stop();
    empty.hub().start();
    lisbon.execute("INSERT INTO item VALUES (9000, 'by a renewed certificate')");
    converged(empty);
    assertThat(porto.query("SELECT count(*) FROM item WHERE id = 9000")).isEqualTo("1");
    assertThat(lisbon.agent().isAlive() && porto.agent().isAlive()).isTrue();
  }

  @Test
  @Order(3)
  void sitesWithRowsWaitUntilTheirDataIsSaidToBeIdentical() {
    empty.close();
    clusters.clear();
    Cluster filled = new Cluster(programs);
    clusters.add(filled);
    filled.applyPlan(PLAN);
    PostgresSite lisbon = site(filled, "lisbon", 18);
    PostgresSite porto = site(filled, "porto", 15);
    for (PostgresSite site : List.of(lisbon, porto)) {
      site.execute("INSERT INTO item VALUES (1, 'tea'), (2, 'coffee')");
      filled.join(site, "both");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              for (PostgresSite site : List.of(lisbon, porto)) {
                JsonNode state = state(filled, site.name());
                assertThat(state.get("state").asText()).isEqualTo("joining");
                assertThat(state.get("reason").asText())
                    .contains("table item had rows")
                    .contains("--assume-identical");
              }
            });
    for (String[] command :
        new String[][] {{"topology", "list"}, {"topology", "show", "porto"}, {"status"}}) {
      assertThat(filled.hub().syncadm(command).out())
          .containsIgnoringCase("joining")
          .contains("item had rows");
    }
    CommandResult wait = filled.waitConverged("3s");
    assertThat(wait.exitCode()).isOne();
    assertThat(wait.out() + wait.err()).contains("lisbon").contains("porto").contains("joining");

    // Nothing flows while they are joining.
    assertThat(porto.query("SELECT count(*) FROM item")).isEqualTo("2");

    Path plan = filled.directory().resolve("plan.yaml");
    filled.hub().syncadm("plan", "apply", "-f", plan.toString(), "--assume-identical").orThrow();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(state(filled, "lisbon").get("state").asText()).isEqualTo("live");
              assertThat(state(filled, "porto").get("state").asText()).isEqualTo("live");
            });
    lisbon.execute("UPDATE item SET name = 'green tea' WHERE id = 1");
    porto.execute("INSERT INTO item VALUES (3, 'cocoa')");
    converged(filled);
    assertThat(porto.digest("item")).startsWith("3 rows").isEqualTo(lisbon.digest("item"));
    assertThat(porto.query("SELECT name FROM item WHERE id = 1")).isEqualTo("green tea");

    PostgresSite faro = site(filled, "faro", 18);
    faro.execute("INSERT INTO item VALUES (1, 'green tea'), (2, 'coffee'), (3, 'cocoa')");
    JsonNode added =
        Cluster.json(filled.hub().syncadm("topology", "add-spoke", "faro", "-o", "json"));
    faro.join(filled.hub().grpc(), added.get("token").asText(), "--assume-identical").orThrow();
    faro.startAgent();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> state(filled, "faro").get("state").asText().equals("live"));
    faro.execute("DELETE FROM item WHERE id = 2");
    lisbon.execute("UPDATE item SET name = 'hot cocoa' WHERE id = 3");
    converged(filled);
    assertThat(faro.digest("item"))
        .startsWith("2 rows")
        .isEqualTo(lisbon.digest("item"))
        .isEqualTo(porto.digest("item"));
  }

  private static PostgresSite site(Cluster cluster, String name, int major) {
    PostgresSite site = cluster.startSite(name, major, Map.of());
    site.createTables(TABLE);
    return site;
  }

  private static void converged(Cluster cluster) {
    CommandResult result = cluster.waitConverged("60s");
    assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
  }

  private static JsonNode state(Cluster cluster, String spoke) {
    for (JsonNode one : Cluster.json(cluster.hub().syncadm("topology", "list", "-o", "json"))) {
      if (one.get("name").asText().equals(spoke)) {
        return one;
      }
    }
    throw new AssertionError("no spoke " + spoke);
  }

  private static long renewals(PostgresSite site) {
    return site.agent().outputText().lines().filter(l -> l.contains("certificate renewed")).count();
  }
}
