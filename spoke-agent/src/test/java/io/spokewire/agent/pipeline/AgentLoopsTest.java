package io.spokewire.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.identity.CertificateAsk;
import io.spokewire.agent.identity.IdentityStore;
import io.spokewire.agent.identity.JoinToken;
import io.spokewire.agent.identity.PinnedAuthority;
import io.spokewire.agent.queue.Outbox;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.settings.WalPressure;
import io.spokewire.agent.stream.EnrolmentCall;
import io.spokewire.agent.stream.FakeHub;
import io.spokewire.agent.stream.HubLink;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.Standing;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.agent.stream.Vitals;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;
import io.spokewire.common.lifecycle.Lifecycle;
import io.spokewire.common.lifecycle.LoopRunner;
import io.spokewire.common.queue.chronicle.ChronicleDurableQueue;
import io.spokewire.common.wire.RowCodec;
import io.spokewire.common.wire.TableCodec;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.BarrierRequest;
import io.spokewire.proto.DownstreamBatch;
import io.spokewire.proto.DownstreamEntry;
import io.spokewire.proto.Flow;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.PlanCheck;
import io.spokewire.proto.Refusal;
import io.spokewire.proto.SpokeState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All loops of an agent with a real TLS stream to a hub in memory, and a database in memory. */
class AgentLoopsTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  @TempDir Path directory;
  private FakeHub hub;
  private FakeDatabase database;
  private Running agent;
  private WalPressure pressure = WalPressure.DEFAULT;
  private volatile long watchedLater; // nanoseconds by which the watch's clock is ahead

  @BeforeEach
  void startHub() throws Exception {
    hub = new FakeHub();
    database = new FakeDatabase(new Random(7));
    StateFile.create(
        directory.resolve("state"),
        AgentState.atJoin(UUID.randomUUID(), SourcePosition.NONE, List.of()));
    enrol();
  }

  @AfterEach
  void stop() {
    if (agent != null) {
      agent.close();
    }
    hub.close();
  }

  @Test
  void whatUsersCommitReachesTheHubAndTheSourceIsConfirmed() {
    agent = new Running();
    LongStream.rangeClosed(1, 50).forEach(database::commit);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 50);
    await().atMost(LIMIT).until(() -> database.confirmed == database.end());
    assertThat(hub.broken).isEmpty();
  }

  @Test
  void whatTheHubSendsIsAppliedOnceAndReportedAndJoinsTheContext() {
    agent = new Running();
    LongStream.rangeClosed(1, 50).forEach(p -> hub.append(entry(p, false)));
    await().atMost(LIMIT).until(() -> hub.applied == 50);
    assertThat(database.applied).containsExactlyElementsOf(range(50));
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    assertThat(hub.taken.getFirst().transaction().context().low().number()).isEqualTo(50);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void breaksRestartsAndDatabaseFaultsLoseAndDoubleNothing(long seed) throws Exception {
    Random random = new Random(seed);
    database = new FakeDatabase(new Random(seed));
    database.faults = 0.02;
    agent = new Running();
    int commits = 0;
    int entries = 0;
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(40)) {
        case 0, 1, 2 -> hub.cut();
        case 3 -> {
          agent.close();
          agent = new Running();
        }
        default -> {
          if (random.nextBoolean()) {
            database.commit(++commits);
          } else {
            hub.append(entry(++entries, random.nextInt(10) == 0));
          }
        }
      }
      if (random.nextInt(10) == 0) {
        Thread.sleep(random.nextInt(40)); // lets the breaks hit different moments
      }
    }
    int sent = commits;
    int received = entries;
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              assertThat(hub.taken).hasSize(sent);
              assertThat(hub.applied).isEqualTo(received);
            });
    assertThat(hub.broken).isEmpty();
    assertThat(database.broken).isEmpty();
    assertThat(database.applied).doesNotHaveDuplicates().isSorted();
    for (int i = 1; i < sent; i++) {
      assertThat(
              hub.taken
                  .get(i)
                  .transaction()
                  .context()
                  .includes(hub.taken.get(i - 1).transaction().context()))
          .isTrue();
    }
  }

  @Test
  void aBarrierIsMarkedInTheDatabaseAndPositionsWithoutRowsAreReportedAtOnce() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    hub.send(
        HubMessage.newBuilder()
            .setBarrier(BarrierRequest.newBuilder().setBarrier(UUID.randomUUID().toString()))
            .build());
    await().atMost(LIMIT).until(() -> database.end() == 1);
    hub.append(
        DownstreamBatch.newBuilder()
            .addEntries(
                DownstreamEntry.newBuilder()
                    .setPosition(1)
                    .setBarrier(new BarrierId(UUID.randomUUID()).toString()))
            .setThrough(1)
            .build());
    await().atMost(LIMIT).until(() -> hub.applied == 1);
  }

  @Test
  void aLargeEntryComesInPartsAndIsAppliedWhole() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    DownstreamBatch.Builder batch = DownstreamBatch.newBuilder().setThrough(1);
    batch.addSchemas(TableCodec.toMessage(FakeDatabase.ORDERS));
    for (int part = 0; part < 3; part++) {
      batch.addEntries(row(1, FakeDatabase.row(part)).toBuilder().setPart(part).setMore(part < 2));
    }
    hub.append(batch.build());
    await().atMost(LIMIT).until(() -> hub.applied == 1);
    assertThat(database.applied).containsExactly(1L);
  }

  @Test
  void aJoiningSpokeStaysIdleUntilItIsToldThatItIsLive() {
    hub.state = SpokeState.SPOKE_STATE_JOINING;
    database.commit(1);
    agent = new Running();
    await().atMost(LIMIT).until(() -> said(AgentMessage.MessageCase.TABLES));
    assertThat(hub.taken).isEmpty();
    hub.state = SpokeState.SPOKE_STATE_LIVE;
    hub.send(
        HubMessage.newBuilder()
            .setFlow(Flow.newBuilder().setState(SpokeState.SPOKE_STATE_LIVE))
            .build());
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
  }

  @Test
  void aPausedSpokeKeepsWhatItCapturesAndSendsItWhenResumed() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    hub.send(flow(true, 0));
    await().atMost(LIMIT).until(() -> agent.desk.footing().paused());
    database.commit(1);
    await().atMost(LIMIT).until(() -> agent.desk.pendingTransactions() == 1);
    assertThat(hub.taken).isEmpty();
    hub.send(flow(false, 0));
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
  }

  @Test
  void positionsWithoutRowsAreAppliedAlsoWhileMoreOfThemKeepComing() throws Exception {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    for (int i = 1; i <= 40 && hub.applied == 0; i++) {
      hub.append(DownstreamBatch.newBuilder().setThrough(i).build());
      Thread.sleep(50); // as a busy hub does; well below the rest that ends an idle wait
    }
    assertThat(hub.applied).isPositive();
  }

  @Test
  void theCertificateRenewsItselfOverTheRunningSession() throws Exception {
    hub.leafLife = Duration.ofSeconds(6);
    enrol();
    AgentIdentity first = identities().load();
    hub.leafLife = Duration.ofDays(1);
    agent = new Running();
    await()
        .atMost(LIMIT)
        .until(() -> !identities().load().certificate().equals(first.certificate()));
    assertThat(identities().load().key()).isNotEqualTo(first.key());
    assertThat(hub.sessions()).isEqualTo(1);
    hub.cut();
    await().atMost(LIMIT).until(() -> hub.sessions() == 2);
  }

  @Test
  void aHubThatWasWrittenToBySomebodyElseMeanwhileIsFoundOutBeforeAnythingIsSent() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    hub.forked = true;
    hub.cut();
    await().atMost(LIMIT).until(() -> agent.desk.halted() != null);
    assertThat(agent.desk.halted().needsResync()).isTrue();
    assertThat(agent.desk.halted().fault()).hasMessageContaining("has chain hash");
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
  }

  @Test
  void aRefusalForGoodEndsTheAgent() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    hub.send(
        HubMessage.newBuilder()
            .setRefusal(Refusal.newBuilder().setCode("removed").setReason("no such spoke"))
            .build());
    assertThat(agent.failed).succeedsWithin(LIMIT);
    assertThat(agent.failed.join().kind().exitCode()).isEqualTo(4);
  }

  @Test
  void aHubThatLostPositionsIsRefusedAndToldSo() {
    agent = new Running();
    LongStream.rangeClosed(1, 5).forEach(p -> hub.append(entry(p, false)));
    await().atMost(LIMIT).until(() -> hub.applied == 5);
    hub.head = 3;
    hub.cut();
    assertThat(agent.failed).succeedsWithin(LIMIT);
    assertThat(agent.failed.join()).hasMessageContaining("hub lost positions 4..5");
    await().atMost(LIMIT).until(() -> said(AgentMessage.MessageCase.CONDITION));
  }

  @Test
  void whatIsSentAgainAfterAPauseIsAppliedOnce() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    synchronized (database) { // the first batch is applied slowly
      hub.append(entry(1, false));
      LongStream.rangeClosed(2, 20).forEach(p -> hub.append(entry(p, false)));
      hub.send(flow(true, 0));
      hub.send(flow(false, 0));
      hub.sendAgain();
      awaitEverythingSentWasTaken();
    }
    await().atMost(LIMIT).until(() -> hub.applied == 20);
    assertThat(database.applied).containsExactlyElementsOf(range(20));
    assertThat(agent.desk.halted()).isNull();
  }

  @Test
  void aPauseLeavesRoomForTheWordThatEndsIt() {
    agent = new Running();
    hub.append(entry(1, false));
    await().atMost(LIMIT).until(() -> hub.applied == 1); // so the applier is open
    synchronized (database) {
      hub.append(entry(2, false));
      await().atMost(LIMIT).until(() -> database.applying == 2);
      for (int i = 0; i < 4; i++) {
        for (long p = hub.head + 1, to = p + 10; p < to; p++) {
          hub.append(large(p));
        }
        hub.send(flow(true, 0));
        hub.send(flow(false, 0));
      }
      hub.send(flow(true, 0));
      await().atMost(LIMIT).until(() -> agent.desk.footing().paused());
      hub.send(flow(false, 0));
      await().atMost(LIMIT).until(() -> !agent.desk.footing().paused());
      hub.sendAgain();
    }
    await().atMost(LIMIT).until(() -> hub.applied == hub.head);
    assertThat(database.applied).containsExactlyElementsOf(range(hub.head));
  }

  @Test
  void resumingASpokeThatIsNotPausedChangesNothing() {
    agent = new Running();
    LongStream.rangeClosed(1, 3000).forEach(database::commit);
    await().atMost(LIMIT).until(() -> database.confirmed == database.end());
    hub.send(flow(false, 3000));
    LongStream.rangeClosed(3001, 3010).forEach(database::commit);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 3010 || agent.desk.halted() != null);
    assertThat(agent.desk.halted()).isNull();
    assertThat(hub.duplicates).isZero();
  }

  @Test
  void nothingIsAppliedUntilCaptureHasItsLog() {
    database.opening = new CountDownLatch(1);
    database.logGone = true;
    agent = new Running();
    hub.append(entry(1, false));
    await().atMost(LIMIT).until(() -> database.openings > 0 && hub.isAttached());
    await().during(Duration.ofMillis(500)).until(() -> database.applied.isEmpty());
    database.opening.countDown();
    await().atMost(LIMIT).until(() -> agent.desk.halted() != null);
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
    assertThat(database.applied).isEmpty();
  }

  @Test
  void aDatabaseThatWentBackUnderARunningAgentStopsIt() {
    agent = new Running();
    LongStream.rangeClosed(1, 5).forEach(p -> hub.append(entry(p, false)));
    await().atMost(LIMIT).until(() -> hub.applied == 5);
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    database.goBackTo(0);
    database.reading = false; // as the server sees the stream that it cut
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
    assertThat(agent.desk.halted().fault().reason()).contains("went back in time");
    database.commit(2);
    await().during(Duration.ofMillis(300)).until(() -> hub.taken.size() == 1);
  }

  @Test
  void nothingIsCapturedWhereTheHubWantsAResync() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    hub.state = SpokeState.SPOKE_STATE_NEEDS_RESYNC;
    hub.cut();
    await().atMost(LIMIT).until(() -> agent.desk.footing().standing() == Standing.NEEDS_RESYNC);
    await().atMost(LIMIT).until(() -> !agent.desk.capturing());
    database.commit(2);
    await()
        .during(Duration.ofMillis(500))
        .until(() -> agent.desk.pendingTransactions() == 0 && hub.taken.size() == 1);
  }

  @Test
  void aLaterEpochEndsTheAgentAndSaysFromWhereToBeginAnew() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    hub.epoch = 2;
    hub.cut();
    await().atMost(LIMIT).until(agent.failed::isDone);
    assertThat(agent.desk.newLife())
        .get()
        .satisfies(life -> assertThat(life.epoch()).isEqualTo(new Epoch(2)))
        .satisfies(life -> assertThat(life.before().epoch()).isEqualTo(Epoch.FIRST));
  }

  @Test
  void aHaltIsNotCalledWellAgainBecauseItsLoopRests() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    database.readFails = true;
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> isFault(m)));
    database.logGone = true;
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
    hub.said.clear();
    await()
        .during(Duration.ofSeconds(1))
        .atMost(LIMIT)
        .until(() -> hub.said.stream().noneMatch(m -> isWell(m)));
  }

  @Test
  void aFaultThatHealedBetweenTwoSessionsIsTakenBackInTheSecond() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    database.readFails = true;
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> isFault(m)));
    agent.close();
    database.readFails = false;
    hub.said.clear();
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> isWell(m)));
  }

  @Test
  void aDatabaseThatGoesAwayWhileTheAgentStartsIsReadOnceItIsBack() {
    database.checkpointFaults = 2;
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
  }

  @Test
  void theOutboxVouchesForTheSourceWhileTheHubIsAway() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    hub.close();
    await().atMost(LIMIT).until(() -> agent.desk.footing().session() == null);
    database.retained = 2L << 30;
    database.commit(2);
    await().atMost(LIMIT).until(() -> database.confirmed == database.end());
    agent.close();
    agent = new Running();
    database.commit(3);
    await().atMost(LIMIT).until(() -> database.confirmed == database.end());
    assertThat(agent.desk.halted()).isNull();
    assertThat(database.broken).isEmpty();
  }

  @Test
  void aPausedSpokeSpillsTooAndAnOutboxThatIsLostAfterwardsNeedsAResync() throws Exception {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    hub.send(flow(true, 0));
    await().atMost(LIMIT).until(() -> agent.desk.footing().paused());
    database.retained = 2L << 30;
    database.commit(2);
    await().atMost(LIMIT).until(() -> database.confirmed == database.end());
    agent.close();
    deleteOutbox();
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
    assertThat(agent.desk.halted().fault()).hasMessageContaining("the source was confirmed to");
  }

  @Test
  void givingUpFreesTheSourceThoughItIsStillInUseForAMoment() {
    pressure = new WalPressure(WalPressure.Policy.GIVE_UP, 1L << 30);
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    database.giveUpFaults = 2;
    hub.close();
    await().atMost(LIMIT).until(() -> agent.desk.footing().session() == null);
    int openings = database.openings;
    database.retained = 2L << 30;
    await().atMost(LIMIT).until(() -> database.givenUp && agent.desk.halted() != null);
    assertThat(agent.desk.halted().needsResync()).isTrue();
    assertThat(database.openings).isEqualTo(openings);
  }

  @Test
  void holdingLeavesTheSourceAsItIs() {
    pressure = new WalPressure(WalPressure.Policy.HOLD, 1L << 30);
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    hub.send(flow(true, 0));
    await().atMost(LIMIT).until(() -> agent.desk.footing().paused());
    database.retained = 2L << 30;
    database.commit(1);
    await().atMost(LIMIT).until(() -> agent.desk.pendingTransactions() == 1);
    await().during(Duration.ofMillis(1500)).until(() -> database.confirmed == 0);
    assertThat(agent.desk.halted()).isNull();
  }

  @Test
  void whatTheSourceKeepsIsAlarmedWhileTheSpokeIsJoining() {
    hub.state = SpokeState.SPOKE_STATE_JOINING;
    database.retained = 2L << 30;
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> saysOfSlot(m, "joining")));
    await()
        .atMost(LIMIT)
        .until(
            () ->
                hub.said.stream()
                    .anyMatch(m -> m.getHeartbeat().getRetainedLogBytes() == 2L << 30));
    database.retained = 0;
    await().atMost(LIMIT).until(() -> isWell(hub.said.getLast()) || wasWellLast());
  }

  @Test
  void whatTheSourceKeepsIsAlarmedBesideTheReasonWhyTheAgentStopped() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    database.cutDown = true;
    agent.close();
    agent = new Running();
    await().atMost(LIMIT).until(() -> agent.desk.halted() != null);
    database.retained = 2L << 30;
    await()
        .atMost(LIMIT)
        .until(
            () ->
                hub.said.stream()
                    .anyMatch(
                        m ->
                            m.getCondition().getNeedsResync()
                                && m.getCondition().getFault().contains("no longer published")
                                && m.getCondition().getFault().contains("keeps 2 GB")));
  }

  @Test
  void givingUpFreesTheSourceInEveryState() {
    pressure = new WalPressure(WalPressure.Policy.GIVE_UP, 1L << 30);
    hub.state = SpokeState.SPOKE_STATE_JOINING;
    database.retained = 2L << 30;
    agent = new Running();
    await().atMost(LIMIT).until(() -> database.givenUp && agent.desk.halted() != null);
    assertThat(agent.desk.halted().needsResync()).isTrue();
    assertThat(agent.desk.halted().fault()).hasMessageContaining("give_up freed it");
  }

  @Test
  void aSourceThatIsAboutToBeGivenUpByItsServerIsRelievedBeforeTheLimitOfTheSettings() {
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    hub.send(flow(true, 0));
    await().atMost(LIMIT).until(() -> agent.desk.footing().paused());
    database.retained = 100 << 20;
    database.left = 10 << 20;
    database.commit(1);
    await().atMost(LIMIT).until(() -> database.confirmed == database.end());
    assertThat(agent.watch.alarm()).hasMessageContaining("gives the slot up after 10 MB more");
  }

  @Test
  void aLogThatNobodyKeepsForUsAlarmsByTimeAndIsNeverGivenUp() {
    pressure = new WalPressure(WalPressure.Policy.GIVE_UP, 1L << 20);
    database.retained = 2L << 30;
    database.purge = new Retention.Purge(Duration.ofHours(30), Duration.ofHours(100));
    agent = new Running();
    await().atMost(LIMIT).until(() -> hub.isAttached());
    hub.send(flow(true, 0));
    await().atMost(LIMIT).until(() -> agent.desk.footing().paused());
    await().atMost(LIMIT).until(() -> agent.watch.retainedBytes() == 2L << 30);
    assertThat(agent.watch.alarm()).isNull();

    database.purge = new Retention.Purge(Duration.ofHours(24), Duration.ofHours(100));
    await().atMost(LIMIT).until(() -> agent.watch.alarm() != null);
    assertThat(agent.watch.alarm())
        .hasMessageContaining("2 GB of the binlog are not read yet")
        .hasMessageContaining("purges the first of it in 24 h")
        .hasMessageContaining("binlog_expire_logs_seconds = 1440000");
    assertThat(agent.watch.mustRelieve()).isFalse();
    assertThat(agent.desk.givenUp()).isFalse();
  }

  @Test
  void aTableTakenOutOfThePublicationStopsCaptureAndApply() {
    database.cutDown = true;
    agent = new Running();
    hub.append(entry(1, false));
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
    assertThat(agent.desk.halted().fault()).hasMessageContaining("no longer published");
    assertThat(database.applied).isEmpty();
  }

  @Test
  void aSlotThatIsGoneUnderARunningAgentStopsItEvenIfTheStreamSaysNothing() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    database.slotGone = true;
    await().atMost(LIMIT).until(() -> hub.said.stream().anyMatch(m -> needsResync(m)));
    hub.append(entry(1, false));
    await().during(Duration.ofMillis(300)).until(() -> database.applied.isEmpty());
  }

  @Test
  void aTruncateOfATableWithoutKeyIsSaidToLeaveTheOtherSitesAsTheyAre() {
    agent = new Running();
    database.commit(1);
    database.truncate(FakeDatabase.ORDERS);
    database.truncate(FakeDatabase.NOTES);
    database.truncate(FakeDatabase.NOTES);
    await()
        .atMost(LIMIT)
        .until(
            () ->
                hub.said.stream()
                    .anyMatch(
                        m ->
                            m.getCondition()
                                .getFault()
                                .contains("TRUNCATE of notes (2 times) was not applied")));
    assertThat(hub.taken).hasSize(4);
    assertThat(agent.desk.halted()).isNull();
  }

  @Test
  void aStreamThatTheServerHasForgottenIsOpenedAgain() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 1);
    int openings = database.openings;
    database.reading = false;
    await().atMost(LIMIT).until(() -> database.openings > openings);
    database.reading = true;
    database.commit(2);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 2);
  }

  @Test
  void aHubThatIsThereAndAcknowledgesNothingCountsAsAway() {
    agent = new Running();
    database.commit(1);
    await().atMost(LIMIT).until(() -> database.confirmed == 1);
    hub.silent = true;
    database.retained = 2L << 30;
    database.commit(2);
    await().atMost(LIMIT).until(() -> hub.taken.size() == 2 && agent.watch.alarm() != null);
    await().during(Duration.ofMillis(500)).until(() -> database.confirmed == 1);
    watchedLater = Duration.ofSeconds(31).toNanos();
    await().atMost(LIMIT).until(() -> database.confirmed == 2);
  }

  private TimeSource aheadOf(TimeSource time) {
    return new TimeSource() {
      @Override
      public long epochMicros() {
        return time.epochMicros();
      }

      @Override
      public long nanos() {
        return time.nanos() + watchedLater;
      }
    };
  }

  private boolean wasWellLast() {
    return hub.said.stream()
        .filter(AgentMessage::hasCondition)
        .reduce((a, b) -> b)
        .map(AgentLoopsTest::isWell)
        .orElse(false);
  }

  private static boolean saysOfSlot(AgentMessage message, String cause) {
    return message.hasCondition()
        && message.getCondition().getStage().equals("slot")
        && message.getCondition().getFault().contains(cause);
  }

  private void deleteOutbox() throws Exception {
    try (Stream<Path> files = Files.walk(directory.resolve("outbox"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Messages come in order: once this question is answered, what was sent before it was taken. */
  private void awaitEverythingSentWasTaken() {
    hub.send(
        HubMessage.newBuilder()
            .setPlanCheck(
                PlanCheck.newBuilder()
                    .setId(77)
                    .setPlan(
                        io.spokewire.proto.PlanScope.newBuilder().setVersion(1).addTables("*")))
            .build());
    await().atMost(LIMIT).until(() -> said(AgentMessage.MessageCase.PLAN_CHECK));
  }

  private static boolean isFault(AgentMessage message) {
    return message.hasCondition() && !message.getCondition().getFault().isEmpty();
  }

  private static boolean isWell(AgentMessage message) {
    return message.hasCondition() && message.getCondition().getFault().isEmpty();
  }

  private static boolean needsResync(AgentMessage message) {
    return message.hasCondition() && message.getCondition().getNeedsResync();
  }

  private static DownstreamBatch large(long position) {
    ByteSink field = new ByteSink();
    byte[] noise = new byte[1 << 20];
    new Random(position).nextBytes(noise);
    new TupleWriter(field).putValue(Bytes.wrap(noise));
    Tuple tuple = new Tuple(field.toBytes());
    RowBlock rows =
        new RowBlockWriter()
            .put(new RowChange.Insert(FakeDatabase.ORDERS.id(), new RowKey(tuple.bytes()), tuple))
            .toBlock();
    return DownstreamBatch.newBuilder()
        .setThrough(position)
        .addSchemas(TableCodec.toMessage(FakeDatabase.ORDERS))
        .addEntries(row(position, rows))
        .build();
  }

  private boolean said(AgentMessage.MessageCase what) {
    return hub.said.stream().anyMatch(m -> m.getMessageCase() == what);
  }

  private static HubMessage flow(boolean paused, long after) {
    return HubMessage.newBuilder()
        .setFlow(
            Flow.newBuilder()
                .setPaused(paused)
                .setState(SpokeState.SPOKE_STATE_LIVE)
                .setResumeAfterSequence(after))
        .build();
  }

  private static List<Long> range(long to) {
    return LongStream.rangeClosed(1, to).boxed().toList();
  }

  private static DownstreamBatch entry(long position, boolean empty) {
    DownstreamBatch.Builder batch = DownstreamBatch.newBuilder().setThrough(position);
    if (!empty) {
      batch
          .addSchemas(TableCodec.toMessage(FakeDatabase.ORDERS))
          .addEntries(row(position, FakeDatabase.row(position)));
    }
    return batch.build();
  }

  private static DownstreamEntry row(long position, RowBlock rows) {
    return DownstreamEntry.newBuilder()
        .setPosition(position)
        .setSpoke("porto")
        .setSequence(position)
        .setRows(RowCodec.toMessage(rows))
        .build();
  }

  private IdentityStore identities() {
    return new IdentityStore(directory.resolve("identity"));
  }

  private void enrol() {
    CertificateAsk ask = CertificateAsk.make(FakeHub.SPOKE, new SecureRandom());
    JoinToken token =
        new JoinToken(
            FakeHub.SPOKE, Bytes.wrap(new byte[32]), PinnedAuthority.pinOf(hub.authority));
    identities()
        .save(
            new EnrolmentCall(hub.address(), "test")
                .redeem(token, ask, "postgresql", false)
                .identity());
  }

  /** The loops as the agent wires them. */
  private final class Running implements AutoCloseable {
    final CompletableFuture<Fault> failed = new CompletableFuture<>();
    final Desk desk;
    final SourceWatch watch;
    private final Lifecycle parts = new Lifecycle();
    private final Map<String, Supplier<Fault>> stages = new LinkedHashMap<>();

    Running() {
      TimeSource time = TimeSource.SYSTEM;
      StateFile state = StateFile.open(directory.resolve("state"));
      desk =
          new Desk(
              new Desk.Self(Direction.BOTH, "postgresql", "18", "logical_replication"),
              state,
              () -> {});
      SchemaBook schemas = new SchemaBook();
      DeleteLedger deletes = new DeleteLedger(schemas, 100);
      WithheldTruncates truncates = new WithheldTruncates(schemas);
      Renewal renewal =
          new Renewal(FakeHub.SPOKE, identities(), identities().load(), new SecureRandom(), time);
      LocalTables tables =
          new LocalTables() {
            @Override
            public TableReport check(PlanScope plan) {
              return new TableReport(plan.version(), List.of(), List.of());
            }

            @Override
            public TableReport take(PlanScope plan) {
              return check(plan);
            }
          };
      parts.add(desk::closeOutbox);
      watch = new SourceWatch(desk, database, pressure, aheadOf(time));
      start(new ApplyLoop(desk, database::applier, schemas, deletes, desk::saw, directory, time));
      LoopRunner capture =
          start(
              new CaptureLoop(
                  desk,
                  database,
                  member ->
                      Outbox.open(
                          ChronicleDurableQueue.open(directory.resolve("outbox")),
                          new UpstreamCodec(
                              FakeHub.SPOKE,
                              member.start().incarnation(),
                              member.start().channel()),
                          new Writer(FakeHub.SPOKE, Epoch.FIRST, member.start().channel()),
                          database::compare),
                  schemas,
                  deletes,
                  new CaptureProgress(),
                  truncates,
                  new AppliedSet(),
                  pressure,
                  watch,
                  time));
      start(watch);
      stages.put("slot", watch::alarm);
      stages.put("truncate", truncates::alarm);
      LoopRunner uplink = start(new UplinkLoop(desk));
      LoopRunner control = start(new ControlLoop(desk, state, tables, database, renewal));
      desk.wakes(capture::wake, uplink::wake, control::wake);
      HubLink link =
          new HubLink(
              new HubLink.Peer(FakeHub.SPOKE, Direction.BOTH, hub.address(), "test"),
              renewal::current,
              desk,
              number -> state.update(s -> s.withSession(number)),
              desk,
              time,
              new Random(1));
      LoopRunner linking = new LoopRunner(link, Duration.ofMillis(20), failed::complete);
      link.onChange(linking::wake);
      parts.start(linking);
      parts.start(
          new LoopRunner(
              new HeartbeatLoop(
                  desk, () -> new Vitals(0, 0, watch.retainedBytes()), stages, watch::alarm),
              Duration.ofMillis(200),
              failed::complete));
    }

    private LoopRunner start(io.spokewire.common.lifecycle.WorkLoop loop) {
      LoopRunner runner = new LoopRunner(loop, Duration.ofMillis(20), failed::complete);
      stages.put(loop.name(), runner::lastFault);
      return parts.start(runner);
    }

    @Override
    public void close() {
      parts.close();
    }
  }
}
