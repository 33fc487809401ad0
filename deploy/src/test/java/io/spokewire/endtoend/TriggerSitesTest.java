package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Sites without access to their log beside one that has it; all write to the same few rows while
 * agents are killed. What is asked is seen from outside alone: in the rows, and in the audit.
 */
class TriggerSitesTest {
  private static final int ROWS = 8;

  private Cluster cluster;
  private final List<DatabaseSite> sites = new ArrayList<>();
  private final List<LineageWriter> writers = new ArrayList<>();

  @Test
  void everyWriteIsInItsRowOrInTheAuditAndNothingIsLeftBehind() throws Exception {
    try (Cluster whole =
        new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")))) {
      cluster = whole;
      try {
        startSites(cluster);
        write();
        converge(cluster);
        LineageAudit.judge(cluster, sites.getFirst(), writers);
        uninstall();
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

  private void startSites(Cluster cluster) {
    cluster.applyPlan(
        """
        tables: [hot]
        conflict_resolution:
          tables:
            hot:
              field_groups: [[amount, lineage]]
        """);
    PostgresSite lisbon = cluster.startSite("lisbon", 18, Map.of());
    LineageWriter.prepare(lisbon);
    lisbon.execute("GRANT TRIGGER ON ALL TABLES IN SCHEMA public TO spokewire");
    PostgresSite porto = cluster.startSite("porto", 15, Map.of("wal_level", "replica"));
    LineageWriter.prepare(porto);
    porto.execute(
        "ALTER ROLE spokewire NOREPLICATION",
        "DROP PUBLICATION spokewire_porto",
        "GRANT TRIGGER ON ALL TABLES IN SCHEMA public TO spokewire",
        "ALTER TABLE hot REPLICA IDENTITY DEFAULT");
    MySqlSite faro = cluster.startSite("faro", EmbeddedMySql.Flavour.MARIADB);
    LineageWriter.prepare(faro);
    faro.execute(
        "REVOKE REPLICATION SLAVE, BINLOG MONITOR ON *.* FROM spokewire@'%'",
        "GRANT PROCESS ON *.* TO spokewire@'%'",
        "GRANT TRIGGER, LOCK TABLES ON shop.* TO spokewire@'%'",
        "GRANT LOCK TABLES ON spokewire.* TO spokewire@'%'",
        "SET GLOBAL log_bin_trust_function_creators = 1");
    for (DatabaseSite site : List.of(lisbon, porto, faro)) {
      cluster.join(site, "both");
      sites.add(site);
      writers.add(new LineageWriter(site, ROWS, site.name().hashCode()));
    }
    lisbon.execute(
        "INSERT INTO hot SELECT i, 0, 'base' FROM generate_series(0, %d) i".formatted(ROWS - 1));
    converge(cluster);
  }

  private void write() throws IOException {
    writers.forEach(LineageWriter::start);
    write(80, 0);
    for (DatabaseSite site : sites) {
      write(30, 20);
      site.agent().kill9();
      awaitLeft(0);
      site.startAgent();
    }
    // The one with a log gives it up for a while, and takes it back while the hub is away.
    PostgresSite lisbon = cluster.site("lisbon");
    changeMethod(lisbon, "logical_replication", "trigger");
    lisbon.startAgent();
    awaitLeft(0);
    converge(cluster);
    assertThat(capturedBy("lisbon")).isEqualTo("trigger");
    cluster.hub().kill9();
    changeMethod(lisbon, "trigger", "logical_replication");
    lisbon.startAgentWithoutWaiting();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> lisbon.query("SELECT count(*) FROM spokewire.capture_era").equals("2"));
    lisbon.agent().kill9();
    write(40, 30);
    cluster.hub().start();
    lisbon.startAgent();
    awaitLeft(0);
    converge(cluster);
    assertThat(capturedBy("lisbon")).isEqualTo("logical_replication");
    write(40, 0);
  }

  /** Users go on writing while the agent is away, and while capture is handed over. */
  private void changeMethod(PostgresSite site, String before, String after) throws IOException {
    write(60, 50);
    site.agent().kill9();
    Path settings = cluster.directory().resolve(site.name()).resolve("agent.yaml");
    String text = Files.readString(settings);
    assertThat(text).contains("method: " + before);
    Files.writeString(settings, text.replace("method: " + before, "method: " + after));
    write(300, 250);
  }

  private String capturedBy(String spoke) {
    CommandResult shown = cluster.hub().syncadm("topology", "show", spoke, "-o", "json");
    return Cluster.json(shown).get("capture").asText();
  }

  private void uninstall() {
    for (DatabaseSite site : sites) {
      site.agent().kill9();
      CommandResult done = site.agentCommand("uninstall");
      if (done.exitCode() != 0) {
        // Somebody else's publication: what is left is said, and how it goes.
        assertThat(done.err()).contains("DROP PUBLICATION IF EXISTS \"spokewire_lisbon\"");
        site.execute("DROP PUBLICATION spokewire_lisbon");
        done = site.agentCommand("uninstall");
      }
      assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
      site.execute("UPDATE hot SET amount = 0"); // by no trigger of ours
      assertThat(
              site.rows(
                  "SELECT trigger_name FROM information_schema.triggers"
                      + " WHERE trigger_name LIKE '%spokewire%' UNION ALL"
                      + " SELECT schema_name FROM information_schema.schemata"
                      + " WHERE schema_name = 'spokewire'"))
          .isEmpty();
    }
    assertThat(
            sites
                .getFirst()
                .rows(
                    "SELECT slot_name::text FROM pg_replication_slots UNION ALL"
                        + " SELECT pubname::text FROM pg_publication"))
        .isEmpty();
  }

  /** Has everybody write, and returns when few of the writes are left. */
  private void write(int each, int left) {
    writers.forEach(writer -> writer.write(each));
    awaitLeft(left);
  }

  private void awaitLeft(int left) {
    writers.forEach(writer -> writer.awaitLeft(left));
  }

  private void converge(Cluster cluster) {
    CommandResult wait = cluster.waitConverged("120s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    for (DatabaseSite site : sites) {
      String rows = "SELECT concat(id, '|', amount, '|', lineage) FROM hot ORDER BY id";
      assertThat(site.rows(rows))
          .as("hot at " + site.name())
          .isEqualTo(sites.getFirst().rows(rows));
    }
  }
}
