package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Three real databases whose users write to the same few rows, while agents and hub are killed: no
 * acknowledged write is lost without a word, and nothing is called a conflict that was none. What
 * it asks is seen from outside alone: in the rows, and in the audit.
 */
class LineageTest {
  private static final int ROWS = 8;

  @Test
  void everyWriteIsInItsRowOrInTheAuditAndEveryConflictWasOne() throws Exception {
    List<LineageWriter> writers = new ArrayList<>();
    try (Cluster cluster =
        new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")))) {
      try {
        run(cluster, writers);
      } catch (Exception | AssertionError e) {
        System.err.println(cluster.logTails());
        throw e;
      } finally {
        for (LineageWriter writer : writers) {
          writer.stop();
        }
      }
    }
  }

  private static void run(Cluster cluster, List<LineageWriter> writers) throws Exception {
    cluster.applyPlan(
        """
        tables: [hot]
        conflict_resolution:
          tables:
            hot:
              field_groups: [[amount, lineage]]
        """);
    List<PostgresSite> sites = new ArrayList<>();
    for (String name : List.of("lisbon", "porto", "faro")) {
      PostgresSite site = cluster.startSite(name, name.equals("porto") ? 15 : 18, Map.of());
      site.createTables(LineageWriter.TABLE);
      cluster.join(site, "both");
      sites.add(site);
      writers.add(new LineageWriter(site, ROWS, name.hashCode()));
    }
    sites
        .getFirst()
        .execute(
            "INSERT INTO hot SELECT i, 0, 'base' FROM generate_series(0, %d) i"
                .formatted(ROWS - 1));
    converge(cluster, sites);

    writers.forEach(LineageWriter::start);
    write(writers, 80, 0);
    for (PostgresSite site : sites) {
      write(writers, 30, 20);
      site.agent().kill9();
      awaitLeft(writers, 0);
      site.startAgent();
    }
    write(writers, 40, 20);
    cluster.hub().kill9();
    awaitLeft(writers, 0);
    cluster.hub().start();
    write(writers, 80, 0);
    converge(cluster, sites);
    judge(cluster, sites.getFirst(), writers);
  }

  private static void judge(Cluster cluster, PostgresSite site, List<LineageWriter> writers) {
    LineageAudit audit = new LineageAudit();
    Clerk.forEach(
        site,
        "SELECT id, lineage FROM hot",
        row -> audit.row(row.getInt("id"), row.getString("lineage")));
    for (JsonNode conflict :
        Cluster.json(
            cluster
                .hub()
                .syncadm(
                    "conflicts", "list", "--table", "hot", "--field", "lineage", "-o", "json"))) {
      audit.conflict(conflict);
    }
    Map<String, Integer> written = new HashMap<>();
    writers.forEach(writer -> written.putAll(writer.acknowledged()));
    System.out.printf("%d writes, %d conflicts%n", written.size(), audit.conflicts());
    assertThat(audit.conflicts()).as("sites wrote to the same rows").isPositive();
    assertThat(audit.lost(written)).as("writes that nothing tells of").isEmpty();
    assertThat(audit.falseConflicts())
        .as("records of writes of which one had seen the other")
        .isEmpty();
  }

  /** Has everybody write, and returns when few of the writes are left. */
  private static void write(List<LineageWriter> writers, int each, int left) {
    writers.forEach(writer -> writer.write(each));
    awaitLeft(writers, left);
  }

  private static void awaitLeft(List<LineageWriter> writers, int left) {
    writers.forEach(writer -> writer.awaitLeft(left));
  }

  private static void converge(Cluster cluster, List<PostgresSite> sites) {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    for (PostgresSite site : sites) {
      assertThat(site.digest("hot"))
          .as("hot at " + site.name())
          .isEqualTo(sites.getFirst().digest("hot"));
    }
  }
}
