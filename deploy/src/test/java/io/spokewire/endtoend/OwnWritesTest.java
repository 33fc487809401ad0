package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * One row that two sites write all the time, watched at both. Each write adds its name to the row's
 * lineage, and the rule unites what concurrent writes added: so a value that has taken a write into
 * account has its name.
 */
class OwnWritesTest {
  private static final int WRITES = 250;
  private static final String PLAN =
      """
      tables: [guarded, open]
      conflict_resolution:
        strategies:
          - name: gathered
            rules: [{field: lineage, strategy: union}]
        tables:
          guarded: {strategy: gathered, protect_pending: true}
          open: {strategy: gathered, protect_pending: false}
      """;

  @Test
  void aSiteNeverSeesItsOwnCommittedWriteUndoneByAValueThatDoesNotKnowIt() throws Exception {
    try (Cluster cluster =
            new Cluster(
                Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options"), "256m", "128m"));
        ExecutorService threads = Executors.newCachedThreadPool()) {
      cluster.applyPlan(PLAN);
      List<PostgresSite> sites = new ArrayList<>();
      for (String name : List.of("lisbon", "porto")) {
        PostgresSite site = cluster.startSite(name, name.equals("porto") ? 15 : 18, Map.of());
        site.createTables(
            "CREATE TABLE guarded (id int PRIMARY KEY, lineage text[] NOT NULL)",
            "CREATE TABLE open (id int PRIMARY KEY, lineage text[] NOT NULL)");
        cluster.join(site, "both");
        sites.add(site);
      }
      sites.getFirst().execute("INSERT INTO guarded VALUES (1, '{}')");
      sites.getFirst().execute("INSERT INTO open VALUES (1, '{}')");
      converge(cluster);

      List<Future<Integer>> guarded = new ArrayList<>();
      List<Future<Integer>> open = new ArrayList<>();
      for (PostgresSite site : sites) {
        guarded.addAll(watched(threads, new HotRow(site, "guarded")));
        open.addAll(watched(threads, new HotRow(site, "open")));
      }
      assertThat(sum(guarded)).as("own writes seen undone where they are protected").isZero();
      assertThat(sum(open)).as("own writes seen undone where they are not").isPositive();

      converge(cluster);
      for (String table : List.of("guarded", "open")) {
        for (PostgresSite site : sites) {
          assertThat(site.digest(table)).isEqualTo(sites.getFirst().digest(table));
          assertThat(site.query("SELECT cardinality(lineage) FROM " + table))
              .isEqualTo(String.valueOf(2 * WRITES));
        }
      }
      for (PostgresSite site : sites) {
        assertThat(site.query("SELECT count(*) FROM spokewire.exception")).isEqualTo("0");
        assertThat(site.query("SELECT count(*) FROM spokewire.parked")).isEqualTo("0");
        assertThat(site.output()).content().doesNotContain("nobody wrote it");
      }
    }
  }

  private static List<Future<Integer>> watched(ExecutorService threads, HotRow row) {
    Callable<Integer> write =
        () -> {
          row.write();
          return 0;
        };
    return List.of(threads.submit(write), threads.submit(row::watch));
  }

  private static int sum(List<Future<Integer>> counts) throws Exception {
    int sum = 0;
    for (Future<Integer> count : counts) {
      sum += count.get();
    }
    return sum;
  }

  private static void converge(Cluster cluster) {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err() + cluster.logTails()).isZero();
  }

  /** The row at one site: somebody writes it, somebody else reads it all the time. */
  private static final class HotRow {
    private final PostgresSite site;
    private final String table;
    private final AtomicInteger committed = new AtomicInteger();
    private volatile boolean done;

    private HotRow(PostgresSite site, String table) {
      this.site = site;
      this.table = table;
    }

    private void write() throws SQLException, InterruptedException {
      Random random = new Random(site.name().hashCode());
      try (Connection connection = site.connect();
          Statement statement = connection.createStatement()) {
        for (int i = 1; i <= WRITES; i++) {
          statement.execute(
              "UPDATE %s SET lineage = lineage || '%s'::text".formatted(table, dot(i)));
          committed.set(i);
          Thread.sleep(random.nextInt(12)); // so that now and then nothing is pending
        }
      } finally {
        done = true;
      }
    }

    private String dot(int number) {
      return site.name() + number;
    }

    /** How often a committed write was not in the row. */
    private int watch() throws SQLException {
      int undone = 0;
      try (Connection connection = site.connect();
          Statement statement = connection.createStatement()) {
        while (!done) {
          int through = committed.get();
          try (ResultSet row = statement.executeQuery("SELECT lineage FROM " + table)) {
            row.next();
            Set<String> seen = Set.of((String[]) row.getArray(1).getArray());
            for (int i = 1; i <= through; i++) {
              undone += seen.contains(dot(i)) ? 0 : 1;
            }
          }
        }
      }
      return undone;
    }
  }
}
