package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One site stands still, sends more at once than fits into memory, loses its network or its place
 * in the log: it comes back or says loudly that it can't, and the others go on meanwhile.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DisturbancesTest {
  /** Twice what the settings promise: how fast this machine is today is not what is asked. */
  private static final Duration DECLARED_DEAD = Duration.ofSeconds(60);

  private static final int LARGE = 300_000;

  @RegisterExtension private final Branches branches = new Branches("256m");
  private int batch;

  @AfterAll
  void stopEverything() {
    branches.close();
  }

  @Test
  @Order(1)
  void anAgentThatStandsStillCatchesUpAndDisturbsNobody() {
    long hub = branches.hub().running().pid();
    ProgramRun held = branches.porto().agent();
    held.hold();
    try {
      for (int i = 0; i < 50; i++) {
        batch++;
        Branches.writeBulk(branches.lisbon(), batch, 500);
        Branches.writeBulk(branches.faro(), batch, 500);
        if (i % 10 == 9) {
          branches.awaitBulk(branches.faro(), "lisbon", batch);
          branches.awaitBulk(branches.lisbon(), "faro", batch);
        }
      }
      assertThat(branches.porto().query("SELECT count(*) FROM bulk")).isEqualTo("0");
    } finally {
      held.resume();
    }
    branches.converge();
    assertThat(branches.porto().query("SELECT count(*) FROM bulk")).isEqualTo("50000");
    assertThat(branches.hub().running().pid()).isEqualTo(hub);
    assertThat(held.isAlive() && branches.hub().running().isAlive()).isTrue();
  }

  @Test
  @Order(2)
  void transactionsBeyondMemoryCrossEachOtherAndArriveWhole() throws Exception {
    int large = ++batch;
    List<Thread> writers = new ArrayList<>();
    for (PostgresSite site : List.of(branches.lisbon(), branches.porto())) {
      writers.add(Thread.ofPlatform().start(() -> Branches.writeBulk(site, large, LARGE)));
    }
    AtomicBoolean done = new AtomicBoolean();
    Set<String> seen = new ConcurrentSkipListSet<>();
    List<Thread> readers = new ArrayList<>();
    for (PostgresSite site : branches.sites()) {
      readers.add(Thread.ofPlatform().start(() -> read(site, large, done, seen)));
    }
    for (Thread writer : writers) {
      writer.join();
    }
    try {
      branches.converge();
    } finally {
      done.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
    }
    assertThat(seen).as("what readers saw of it").containsExactlyInAnyOrder("0", "" + LARGE);
    for (PostgresSite site : branches.sites()) {
      assertThat(Branches.bulkRows(site, "lisbon", large)).isEqualTo(LARGE);
      assertThat(site.agent().isAlive()).isTrue();
    }
  }

  private static void read(PostgresSite site, int batch, AtomicBoolean done, Set<String> seen) {
    while (!done.get()) {
      for (String origin : List.of("lisbon", "porto")) {
        seen.add("" + Branches.bulkRows(site, origin, batch));
      }
    }
  }

  @Test
  @Order(3)
  void aCutConnectionIsResumedAndADeadOneIsFoundOut() throws Exception {
    int hubPort = Integer.parseInt(branches.hub().grpc().split(":", -1)[1]);
    try (TcpProxy toPorto = new TcpProxy(hubPort, () -> TcpProxy.Tap.NONE);
        TcpProxy toFaro = new TcpProxy(hubPort, () -> TcpProxy.Tap.NONE)) {
      moveHub(branches.porto(), toPorto.port());
      moveHub(branches.faro(), toFaro.port());
      branches.startClerks();
      for (int round = 0; round < 5; round++) {
        branches.awaitCommits(30);
        toPorto.cut();
        toFaro.cut();
      }
      awaitConnected(branches.porto(), true, Branches.LIMIT);
      awaitConnected(branches.faro(), true, Branches.LIMIT);
      branches.awaitCommits(30);

      // What porto says is lost, and what is said to faro. Nobody is told.
      int sessions = sessions();
      toPorto.swallow(TcpProxy.Way.TO_SERVER);
      toFaro.swallow(TcpProxy.Way.TO_CLIENT);
      Awaitility.await("both sides of two dead connections find out")
          .atMost(DECLARED_DEAD)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> sessions() >= sessions + 2);
      branches.awaitCommits(30);
      branches.stopClerks();
      branches.converge();
      moveHub(branches.porto(), hubPort);
      moveHub(branches.faro(), hubPort);
    }
    branches.converge();
  }

  @Test
  @Order(4)
  void aSlotDroppedUnderARunningAgentStopsThatSpokeAlone() throws Exception {
    branches.startClerks();
    PostgresSite porto = branches.porto();
    Awaitility.await("the slot is dropped")
        .ignoreExceptions()
        .atMost(Branches.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              porto.query(
                  "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                      + " WHERE slot_name = 'spokewire_porto' AND active");
              return porto.query("SELECT pg_drop_replication_slot('spokewire_porto')") != null;
            });
    verifyNeedsResync("does not exist");
    branches.stopClerks();
    startAnew(porto);
    branches.converge();
  }

  @Test
  @Order(5)
  void aSlotMadeAnewWhileTheAgentWasDownStopsThatSpokeAlone() throws Exception {
    branches.startClerks();
    PostgresSite porto = branches.porto();
    porto.agent().close();
    branches.awaitCommits(10);
    porto.query("SELECT pg_drop_replication_slot('spokewire_porto')");
    branches.awaitCommits(10);
    porto.query("SELECT pg_create_logical_replication_slot('spokewire_porto', 'pgoutput')");
    porto.startAgentWithoutWaiting();
    verifyNeedsResync("the source was confirmed to");
    branches.stopClerks();
    startAnew(porto);
    branches.startClerks();
    branches.awaitCommits(10);
    branches.stopClerks();
    branches.converge();
  }

  /** Porto says so loudly and takes nothing more; the two others go on. */
  private void verifyNeedsResync(String reason) {
    PostgresSite porto = branches.porto();
    Awaitility.await("porto needs a resync")
        .atMost(Branches.LIMIT)
        .untilAsserted(
            () -> {
              JsonNode state = branches.state(porto);
              assertThat(state.get("state").asText()).isEqualTo("needs_resync");
              assertThat(state.get("reason").asText()).contains(reason);
            });
    assertThat(branches.hub().syncadm("topology", "list").out())
        .contains("Needs resync")
        .contains(reason);
    CommandResult wait = branches.cluster().waitConverged("1s");
    assertThat(wait.exitCode()).isOne();
    assertThat(wait.out() + wait.err()).contains("porto");
    String before = porto.query("SELECT max(position) FROM spokewire.checkpoint");
    batch++;
    Branches.writeBulk(branches.lisbon(), batch, 10);
    Branches.writeBulk(branches.faro(), batch, 10);
    branches.awaitBulk(branches.faro(), "lisbon", batch);
    branches.awaitBulk(branches.lisbon(), "faro", batch);
    branches.awaitCommits(30);
    assertThat(porto.query("SELECT max(position) FROM spokewire.checkpoint")).isEqualTo(before);
    assertThat(Branches.bulkRows(porto, "lisbon", batch)).isZero();
  }

  /** As docs/operations.md says, while nobody writes. */
  private void startAnew(PostgresSite site) throws IOException {
    site.agent().close();
    Files.move(
        site.dataDirectory(),
        branches.cluster().directory().resolve(site.name() + "-aside-" + batch));
    branches.hub().syncadm("topology", "remove-spoke", site.name()).orThrow();
    site.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
        "DROP SCHEMA spokewire CASCADE",
        "CREATE SCHEMA spokewire AUTHORIZATION spokewire");
    Path copy = branches.cluster().directory().resolve("copy");
    bringOverWhatOnlyItHas(site, copy);
    site.execute("TRUNCATE ledger, hot, bulk, counting.write");
    CommandResult wait = branches.cluster().waitConverged("60s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    for (String table : Branches.TABLES) {
      branches.lisbon().execute("COPY %s TO '%s'".formatted(table, copy));
      site.execute("COPY %s FROM '%s'".formatted(table, copy));
    }
    String token =
        Cluster.json(branches.hub().syncadm("topology", "add-spoke", site.name(), "-o", "json"))
            .get("token")
            .asText();
    site.join(branches.hub().grpc(), token, "--assume-identical").orThrow();
    site.startAgent();
    Awaitility.await(site.name() + " is live")
        .atMost(Branches.LIMIT)
        .until(() -> branches.state(site).get("state").asText().equals("live"));
  }

  /** What was booked there after it was cut off; the others get it from lisbon. */
  private void bringOverWhatOnlyItHas(PostgresSite site, Path copy) {
    site.execute(
        "COPY (SELECT * FROM ledger WHERE site = '%s') TO '%s'".formatted(site.name(), copy));
    branches
        .lisbon()
        .execute(
            "CREATE SCHEMA aside",
            "CREATE TABLE aside.ledger (LIKE ledger)",
            "COPY aside.ledger FROM '%s'".formatted(copy),
            "INSERT INTO ledger SELECT * FROM aside.ledger ON CONFLICT DO NOTHING",
            "DROP SCHEMA aside CASCADE");
  }

  private void awaitConnected(PostgresSite site, boolean connected, Duration limit) {
    Awaitility.await(site.name() + " is connected: " + connected)
        .atMost(limit.toSeconds(), TimeUnit.SECONDS)
        .until(() -> branches.state(site).get("connected").asBoolean() == connected);
  }

  /** How many sessions the hub has opened so far. */
  private int sessions() {
    try {
      return (int)
          Files.readAllLines(branches.hub().output()).stream()
              .filter(line -> line.contains(" is attached, session "))
              .count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void moveHub(PostgresSite site, int port) throws IOException {
    site.agent().close();
    Path settings = site.dataDirectory().resolve("agent.yaml");
    String text = Files.readString(settings);
    String moved = text.replaceFirst("(?m)^(hub:\\s*\\S*:)\\d+", "$1" + port);
    assertThat(moved).as(text).isNotEqualTo(text);
    Files.writeString(settings, moved);
    site.startAgent();
  }
}
