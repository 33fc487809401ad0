package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three real databases whose users write to the same few rows, while agents and hub are killed: no
 * acknowledged write is lost without a word, and nothing is called a conflict that was none. What
 * it asks is seen from outside alone: in the rows, and in the audit.
 */
class LineageTest {
  private static final int ROWS = 8;

  /** Which databases. */
  enum Engines {
    POSTGRESQL,
    MIXED
  }

  @ParameterizedTest
  @EnumSource
  void everyWriteIsInItsRowOrInTheAuditAndEveryConflictWasOne(Engines engines) throws Exception {
    List<LineageWriter> writers = new ArrayList<>();
    try (Cluster cluster =
        new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")))) {
      try {
        run(cluster, engines, writers);
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

  private static List<DatabaseSite> start(Cluster cluster, Engines engines) {
    Flavour third =
        EmbeddedMySql.obstacle(Flavour.MYSQL).isEmpty() ? Flavour.MYSQL : Flavour.MARIADB;
    return switch (engines) {
      case POSTGRESQL ->
          List.of(
              cluster.startSite("lisbon", 18, Map.of()),
              cluster.startSite("porto", 15, Map.of()),
              cluster.startSite("faro", 18, Map.of()));
      case MIXED ->
          List.of(
              cluster.startSite("lisbon", 18, Map.of()),
              cluster.startSite("porto", Flavour.MARIADB),
              cluster.startSite("faro", third));
    };
  }

  private static void run(Cluster cluster, Engines engines, List<LineageWriter> writers)
      throws Exception {
    cluster.applyPlan(
        """
        tables: [hot]
        conflict_resolution:
          tables:
            hot:
              field_groups: [[amount, lineage]]
        """);
    List<DatabaseSite> sites = start(cluster, engines);
    for (DatabaseSite site : sites) {
      LineageWriter.prepare(site);
      cluster.join(site, "both");
      writers.add(new LineageWriter(site, ROWS, site.name().hashCode()));
    }
    sites
        .getFirst()
        .execute(
            "INSERT INTO hot VALUES "
                + IntStream.range(0, ROWS)
                    .mapToObj("(%d, 0, 'base')"::formatted)
                    .collect(Collectors.joining(",")));
    converge(cluster, sites);

    writers.forEach(LineageWriter::start);
    write(writers, 80, 0);
    for (DatabaseSite site : sites) {
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
    LineageAudit.judge(cluster, sites.getFirst(), writers);
  }

  /** Has everybody write, and returns when few of the writes are left. */
  private static void write(List<LineageWriter> writers, int each, int left) {
    writers.forEach(writer -> writer.write(each));
    awaitLeft(writers, left);
  }

  private static void awaitLeft(List<LineageWriter> writers, int left) {
    writers.forEach(writer -> writer.awaitLeft(left));
  }

  private static void converge(Cluster cluster, List<DatabaseSite> sites) {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    for (DatabaseSite site : sites) {
      assertThat(rows(site)).as("hot at " + site.name()).isEqualTo(rows(sites.getFirst()));
    }
  }

  private static List<String> rows(DatabaseSite site) {
    return site.rows("SELECT concat_ws('|', id, amount, lineage) FROM hot ORDER BY id");
  }
}
