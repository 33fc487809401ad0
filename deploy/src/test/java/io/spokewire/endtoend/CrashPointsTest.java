package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every part of the way of a change is killed while everybody writes, at the moments that hurt:
 * afterwards each acknowledged write is everywhere, whole, once, and no write that lost a conflict
 * is missing from the audit.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashPointsTest {
  private static final Set<String> FSYNC_CALLS = Set.of("74", "75"); // fsync, fdatasync on x86-64

  @RegisterExtension private final Branches branches = new Branches("256m");

  @AfterAll
  void stopEverything() {
    branches.close();
  }

  @Test
  @Order(1)
  void agentsKilledRightAfterALocalCommitLoseNothing() throws Exception {
    branches.startClerks();
    for (int round = 0; round < 5; round++) {
      for (PostgresSite site : branches.sites()) {
        // Up and in the middle of it, and, every other round, still starting.
        branches.clerkAt(site).awaitCommits(1);
        site.agent().kill9();
      }
      branches.awaitCommits(10);
      for (PostgresSite site : branches.sites()) {
        if (round % 2 == 0) {
          site.startAgent();
        } else {
          site.startAgentWithoutWaiting();
        }
      }
      branches.awaitCommits(round % 2 == 0 ? 20 : 100);
    }
    branches.stopClerks();
    branches.converge();
  }

  @Test
  @Order(2)
  void aDatabaseThatStopsAtOnceIsReconnectedToByItsAgent() throws Exception {
    List<Long> agents = branches.sites().stream().map(site -> site.agent().pid()).toList();
    branches.startClerks();
    for (PostgresSite site : List.of(branches.porto(), branches.lisbon(), branches.porto())) {
      branches.awaitCommits(30);
      site.server().stopImmediately();
      for (Clerk clerk : branches.clerks()) {
        if (clerk.site() != site) {
          clerk.awaitCommits(50);
        }
      }
      site.server().restart();
      branches.clerkAt(site).awaitCommits(30);
    }
    branches.stopClerks();
    branches.converge();
    assertThat(branches.sites())
        .as("no agent ended")
        .extracting(site -> site.agent().pid())
        .containsExactlyElementsOf(agents);
    assertThat(branches.sites()).allMatch(site -> site.agent().isAlive());
  }

  @Test
  @Order(3)
  void aHubKilledWhileItWritesNeverGoesBack() throws Exception {
    branches.startClerks();
    int inFsync = 0;
    for (int round = 0; round < 6; round++) {
      branches.awaitCommits(40);
      if (round % 2 == 0 && awaitFsync(branches.hub().running().pid())) {
        inFsync++;
      }
      branches.hub().kill9();
      long applied = highestCheckpoint();
      branches.awaitCommits(20);
      branches.hub().start();
      long head =
          Cluster.json(branches.hub().syncadm("status", "-o", "json"))
              .get("position")
              .elements()
              .next()
              .asLong();
      assertThat(head)
          .as("the hub's log after its start, and what a database holds")
          .isGreaterThanOrEqualTo(applied);
    }
    branches.stopClerks();
    branches.converge();
    System.out.println("the hub was killed in an fsync in " + inFsync + " rounds of 3");
  }

  @Test
  @Order(4)
  void aCommitOfUnknownOutcomeIsAppliedOnce() throws Exception {
    PostgresSite faro = branches.faro();
    CommitCutter cutter = new CommitCutter();
    try (TcpProxy proxy = new TcpProxy(faro.server().port(), cutter::tap)) {
      moveDatabase(faro, proxy.port());
      long agent = faro.agent().pid();
      branches.startClerks();
      for (int round = 0; round < 12; round++) {
        CompletableFuture<Void> cut =
            cutter.cutNext(
                round % 2 == 0
                    ? CommitCutter.Moment.ON_THE_WAY_BACK
                    : CommitCutter.Moment.ON_THE_WAY_THERE);
        cut.get(60, TimeUnit.SECONDS);
        long before = checkpoint(faro);
        Awaitility.await("faro applies again")
            .atMost(Branches.LIMIT)
            .until(() -> checkpoint(faro) > before);
      }
      branches.stopClerks();
      branches.converge();
      assertThat(faro.agent().isAlive() && faro.agent().pid() == agent).isTrue();
      moveDatabase(faro, faro.server().port());
    }
    branches.converge();
  }

  /** What a client added to a lineage is in the row, or in that of a loser in the audit. */
  @Test
  @Order(5)
  void noWriteWasLostSilently() {
    Map<Integer, StringBuilder> seen = new HashMap<>();
    Clerk.forEach(
        branches.lisbon(),
        "SELECT id, lineage FROM hot",
        row -> seen.put(row.getInt(1), new StringBuilder(row.getString(2))));
    CommandResult listed =
        branches
            .hub()
            .syncadm("conflicts", "list", "--table", "hot", "--limit", "1000000", "-o", "json");
    int conflicts = 0;
    for (JsonNode conflict : Cluster.elements(listed)) {
      conflicts++;
      int row = conflict.get("key").get("id").asInt();
      for (String value : List.of("source_value", "target_value")) {
        seen.get(row).append(',').append(conflict.get(value).asText());
      }
    }
    assertThat(conflicts).as("sites wrote to the same rows").isPositive();
    Map<String, Integer> written = new HashMap<>();
    branches.clerks().forEach(clerk -> written.putAll(clerk.lineages()));
    assertThat(written).isNotEmpty();
    Map<Integer, Set<String>> found = new HashMap<>();
    seen.forEach((row, text) -> found.put(row, Set.of(distinct(text.toString()))));
    assertThat(written.entrySet())
        .as("%d acknowledged writes, %d conflicts", written.size(), conflicts)
        .allMatch(write -> found.get(write.getValue()).contains(write.getKey()));
  }

  private static String[] distinct(String lineage) {
    return java.util.Arrays.stream(lineage.split(",", -1)).distinct().toArray(String[]::new);
  }

  /** Waits until a thread of the process is about to have something made durable. */
  private static boolean awaitFsync(long pid) {
    Path tasks = Path.of("/proc/" + pid + "/task");
    if (!Files.isReadable(tasks)) {
      return false; // no Linux: any moment is as good
    }
    long[] looks = {0};
    try {
      Awaitility.await()
          .atMost(2, TimeUnit.SECONDS)
          .pollDelay(0, TimeUnit.MILLISECONDS)
          .pollInterval(1, TimeUnit.MILLISECONDS)
          .until(
              () -> {
                looks[0]++;
                return isInFsync(tasks);
              });
      return true;
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
  }

  private static boolean isInFsync(Path tasks) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
      for (Path task : all) {
        if (FSYNC_CALLS.contains(Files.readString(task.resolve("syscall")).split(" ", 2)[0])) {
          return true;
        }
      }
    } catch (IOException e) {
      // A thread ended meanwhile, or the kernel does not show it.
    }
    return false;
  }

  private long highestCheckpoint() {
    return branches.sites().stream().mapToLong(CrashPointsTest::checkpoint).max().orElseThrow();
  }

  private static long checkpoint(PostgresSite site) {
    return Long.parseLong(site.query("SELECT max(position) FROM spokewire.checkpoint"));
  }

  /** As an operator whose database has moved: change agent.yaml, start the agent again. */
  private static void moveDatabase(PostgresSite site, int port) throws IOException {
    site.agent().close();
    Path settings = site.dataDirectory().resolve("agent.yaml");
    String text = Files.readString(settings);
    String moved = text.replaceFirst("(?m)^(\\s*port:\\s*)\\d+", "$1" + port);
    assertThat(moved).as(text).isNotEqualTo(text);
    Files.writeString(settings, moved);
    site.startAgent();
  }
}
