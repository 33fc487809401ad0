package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.insert;
import static io.spokewire.hub.testing.Samples.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Direction;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.SpokeDelivery;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.stream.Refusal;
import io.spokewire.hub.testing.Samples;
import io.spokewire.hub.topology.Spoke.Standing;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SequenceLoopTest {
  private final HubHarness hub = new HubHarness();

  @BeforeEach
  void plan() {
    hub.plan("orders");
  }

  @Test
  void aTransactionIsLoggedAcknowledgedAndSentToTheOthers() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);

    UpstreamRecord.Committed sent = lisbon.commit(insert(1, "new"));

    assertThat(hub.outcomes())
        .singleElement()
        .extracting(LogEntry.Outcome::transaction)
        .isEqualTo(sent.transaction());
    assertThat(lisbon.session.acknowledged).contains(1L);
    assertThat(porto.session.deliveries())
        .singleElement()
        .extracting(SpokeDelivery::rows)
        .isEqualTo(insert(1, "new"));
    assertThat(lisbon.session.deliveries()).isEmpty();
    assertThat(lisbon.session.batches)
        .last()
        .extracting(DeliveryBatch::through)
        .isEqualTo(hub.store.head().number());
    assertThat(lisbon.session.batches)
        .last()
        .extracting(DeliveryBatch::acknowledgedSequence)
        .isEqualTo(1L);
  }

  @Test
  void shapesAreAnnouncedOnEachSessionBeforeTheyAreUsed() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "new"));
    assertThat(porto.session.batches)
        .flatExtracting(DeliveryBatch::schemas)
        .contains(Samples.ORDERS);

    porto.applyAll();
    porto.detach();
    porto.hello().confirm();
    lisbon.commit(insert(2, "new"));

    assertThat(porto.session.batches.getFirst().schemas()).contains(Samples.ORDERS);
  }

  @Test
  void manyTransactionsShareOneCommit() {
    FakeAgent lisbon = hub.live(LISBON);
    int before = hub.store.commits();
    for (int i = 0; i < 100; i++) {
      lisbon.hand(lisbon.next(insert(i, "x"), List.of()));
    }
    hub.sequence.doWork();

    assertThat(hub.store.commits()).isEqualTo(before + 1);
    assertThat(hub.outcomes()).hasSize(100);
  }

  @Test
  void aDuplicateIsAcknowledgedAgainAndNotLoggedAgain() {
    FakeAgent lisbon = hub.live(LISBON);
    UpstreamRecord.Committed first = lisbon.commit(insert(1, "new"));
    lisbon.session.acknowledged.clear();

    lisbon.send(first);

    assertThat(lisbon.session.acknowledged).contains(1L);
    assertThat(hub.outcomes()).hasSize(1);
    assertThat(lisbon.session.refusals).isEmpty();
  }

  @Test
  void aDuplicateIsKnownAfterARestart() {
    FakeAgent lisbon = hub.live(LISBON);
    UpstreamRecord.Committed first = lisbon.commit(insert(1, "new"));
    lisbon.commit(insert(2, "new"));
    hub.start();
    lisbon.hello().confirm();
    lisbon.send(first);

    assertThat(lisbon.session.refusals).isEmpty();
    assertThat(hub.outcomes()).hasSize(2);
  }

  @Test
  void aGapIsRefused() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.next(insert(1, "never sent"), List.of());
    lisbon.commit(insert(2, "new"));

    assertThat(lisbon.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.GAP);
    assertThat(hub.outcomes()).isEmpty();
  }

  @Test
  void otherContentUnderAKnownSequenceFencesTheSpoke() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.commit(insert(1, "new"));
    FakeAgent copy = new FakeAgent(hub, LISBON);
    copy.session = lisbon.session;
    copy.commit(insert(1, "something else"));

    assertThat(lisbon.session.refusals).extracting(Refusal::code).contains(Refusal.FENCED);
    assertThat(hub.topology.find(LISBON).orElseThrow().standing()).isEqualTo(Standing.FENCED);
    assertThat(hub.outcomes()).hasSize(1);
  }

  @Test
  void aHashThatDoesNotFitTheRowsIsRefused() {
    FakeAgent lisbon = hub.live(LISBON);
    Transaction honest = lisbon.next(insert(1, "new"), List.of()).transaction();
    lisbon.send(
        new UpstreamRecord.Committed(
            new Transaction(
                honest.writer(),
                honest.sequence(),
                honest.sourcePosition(),
                honest.time(),
                honest.context(),
                honest.hash(),
                insert(1, "changed on the way"),
                0)));

    assertThat(lisbon.session.refusals).isNotEmpty();
    assertThat(hub.outcomes()).isEmpty();
  }

  @Test
  void aContextBeyondTheHeadIsRefused() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.seen = 1_000;
    lisbon.commit(insert(1, "new"));

    assertThat(lisbon.session.refusals).isNotEmpty();
    assertThat(hub.outcomes()).isEmpty();
  }

  @Test
  void aContextThatShrinksIsRefused() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.seen(hub.store.head().number());
    lisbon.seen = 0;
    lisbon.commit(insert(1, "new"));

    assertThat(lisbon.session.refusals).singleElement().matches(r -> r.reason().contains("I4"));
    assertThat(hub.outcomes()).isEmpty();
  }

  @Test
  void aTableThatNoPlanNamesIsRefused() {
    hub.plan("customers");
    HubHarness other = new HubHarness();
    other.plan("customers");
    FakeAgent lisbon = other.live(LISBON);
    lisbon.commit(insert(1, "new"));

    assertThat(lisbon.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo("not_in_plan");
    assertThat(other.outcomes()).isEmpty();
  }

  @Test
  void whatWasCapturedUnderAnEarlierPlanIsStillTaken() {
    FakeAgent lisbon = hub.live(LISBON);
    hub.plan("customers");
    lisbon.commit(insert(1, "new"));

    assertThat(lisbon.session.refusals).isEmpty();
    assertThat(hub.outcomes()).hasSize(1);
  }

  @Test
  void aTimeAheadOfTheHubsClockIsCutOff() {
    FakeAgent lisbon = hub.live(LISBON);
    Transaction t = lisbon.next(insert(1, "new"), List.of()).transaction();
    long hourAhead = hub.time.epochMicros() + 3_600_000_000L;
    lisbon.send(
        new UpstreamRecord.Committed(
            new Transaction(
                t.writer(),
                t.sequence(),
                t.sourcePosition(),
                new HybridTime(hourAhead, 0),
                t.context(),
                t.hash(),
                t.rows(),
                0)));

    assertThat(hub.outcomes().getFirst().transaction().time().micros())
        .isLessThan(hub.time.epochMicros() + 600_000);
  }

  @Test
  void aStoreThatFailsIsNeverAheadOfTheLog() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    hub.store.failWith(
        () -> Fault.of(FaultKind.INTERNAL, "commit", "no space left").healsByItself().build());
    lisbon.hand(lisbon.next(insert(2, "b"), List.of()));
    lisbon.hand(lisbon.next(update(2, "b", "c"), List.of()));

    assertThat(hub.workFailing().healsByItself()).isTrue();
    assertThat(hub.workFailing().healsByItself()).isTrue();
    assertThat(lisbon.session.acknowledged).doesNotContain(2L, 3L);
    assertThat(porto.session.deliveries()).hasSize(1);

    hub.store.heal();
    hub.work();

    assertThat(lisbon.session.acknowledged).contains(3L);
    assertThat(hub.outcomes())
        .extracting(o -> o.transaction().sequence().number())
        .containsExactly(1L, 2L, 3L);
    assertThat(lisbon.session.refusals).isEmpty();
    assertThat(porto.session.deliveries()).hasSize(1); // a new spoke shows first that it applies
    porto.applyAll();
    assertThat(porto.session.deliveries()).hasSize(3);
  }

  @Test
  void aRestartInTheMiddleLosesNothingAndRepeatsNothing() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    lisbon.commit(insert(2, "b"));
    lisbon.hand(lisbon.next(insert(3, "c"), List.of())); // never seen by the first hub

    hub.store.crash();
    hub.start();
    lisbon.hello().confirm();
    porto.hello().confirm();
    lisbon.resend();

    assertThat(hub.outcomes())
        .extracting(o -> o.transaction().sequence().number())
        .containsExactly(1L, 2L, 3L);
    porto.applyAll();
    assertThat(porto.session.deliveries())
        .extracting(d -> d.origin().sequence().number())
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void theWindowIsTheSameAfterARestart() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    lisbon.applyAll();
    porto.applyAll();
    lisbon.commit(update(1, "a", "b"));
    hub.start();
    lisbon.hello().confirm();
    porto.hello().confirm();
    porto.commit(update(1, "a", "c")); // has not seen lisbon's

    assertThat(hub.outcomes().getLast().conflicts()).hasSize(1);
  }

  @Test
  void aStagedTransactionIsLoggedInPartsAndSentInParts() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.send(lisbon.chunk(0, insert(1, "a")), lisbon.chunk(1, insert(2, "b")));
    assertThat(hub.outcomes()).isEmpty();
    lisbon.send(lisbon.next(insert(3, "c"), List.of(insert(1, "a"), insert(2, "b"))));

    assertThat(lisbon.session.refusals).isEmpty();
    assertThat(hub.log()).filteredOn(LogEntry.OutcomePart.class::isInstance).hasSize(2);
    assertThat(porto.session.deliveries())
        .extracting(SpokeDelivery::rows)
        .containsExactly(insert(1, "a"), insert(2, "b"), insert(3, "c"));
    assertThat(porto.session.deliveries())
        .extracting(SpokeDelivery::more)
        .containsExactly(true, true, false);
    assertThat(porto.session.deliveries()).extracting(SpokeDelivery::part).containsExactly(0, 1, 2);
    assertThat(lisbon.session.deliveries()).isEmpty();
  }

  @Test
  void aPausedSpokeNeitherSendsNorReceives() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    hub.pause(PORTO);
    assertThat(porto.session.flows.getLast().paused()).isTrue();

    lisbon.commit(insert(1, "a"));
    porto.commit(insert(2, "b"));

    assertThat(hub.outcomes()).hasSize(1);
    assertThat(porto.session.deliveries()).isEmpty();
    assertThat(porto.session.consumed).isEqualTo(100);

    hub.resume(PORTO);
    assertThat(porto.session.flows.getLast().resumeAfterSequence()).isZero();
    assertThat(porto.session.deliveries()).hasSize(1);
  }

  @Test
  void whatComesAfterDataThatAPauseDroppedDoesNotCount() {
    FakeAgent porto = hub.live(PORTO);
    hub.pause(PORTO);
    porto.commit(insert(2, "b"));
    hub.resume(PORTO);

    porto.seen(hub.store.head().number()); // sent before it heard of either

    assertThat(hub.outcomes()).isEmpty();
    assertThat(porto.session.acknowledged).isEmpty();
    assertThat(porto.session.refusals.getLast().code()).isEqualTo(Refusal.GAP);
    assertThat(porto.session.refusals.getLast().retry()).isTrue();

    porto.detach();
    porto.attach(true).resend();
    assertThat(hub.outcomes()).hasSize(1);
  }

  @Test
  void aPlanThatChangesBetweenWelcomeAndConfirmationIsTold() {
    hub.plan("orders");
    FakeAgent porto = hub.spoke(PORTO, Direction.BOTH).hello();
    hub.plan("orders");

    porto.confirm();

    assertThat(porto.session.plans.getLast().version()).isEqualTo(hub.planVersion());
  }

  @Test
  void aSpokeThatOnlySentMarksLeavesItsNextLifeNothing() {
    FakeAgent porto = hub.live(PORTO);
    porto.seen(hub.store.head().number());
    porto.detach();
    hub.topology.remove(PORTO);
    hub.start();
    FakeAgent again = hub.live(PORTO);

    hub.start();

    again.hello();
    assertThat(again.session.welcomes.getLast().writer().sourcePosition().isNone()).isTrue();
  }

  @Test
  void aSpokeWithRowsWaitsAndOneWhoseDataIsAssumedIdenticalBeginsAtTheHead() {
    hub.live(LISBON).commit(insert(1, "a"));
    FakeAgent porto = hub.spoke(PORTO, Direction.BOTH).attach(false);
    assertThat(hub.topology.find(PORTO).orElseThrow().standing()).isEqualTo(Standing.JOINING);
    assertThat(porto.session.flows.getLast().reason()).contains("orders");
    porto.commit(insert(2, "too early"));
    assertThat(hub.outcomes()).hasSize(1);

    hub.topology.update(PORTO, s -> s.withAssumeIdentical(true));
    porto.report(false);

    assertThat(hub.topology.find(PORTO).orElseThrow().standing()).isEqualTo(Standing.LIVE);
    assertThat(hub.topology.find(PORTO).orElseThrow().startsAfter())
        .isEqualTo(hub.store.head().number());
    assertThat(porto.session.deliveries()).isEmpty();
  }

  @Test
  void anEmptySpokeThatJoinsLateIsSentTheWholeLog() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.commit(insert(1, "a"));
    lisbon.seen(hub.store.head().number());
    FakeAgent porto = hub.live(PORTO);

    assertThat(porto.session.deliveries()).hasSize(1);
    porto.commit(insert(1, "b")); // had not seen lisbon's row when it wrote its own

    assertThat(hub.outcomes().getLast().conflicts()).isNotEmpty();
  }

  @Test
  void aSecondSessionIsRefusedWhileTheFirstIsOpen() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent again = new FakeAgent(hub, LISBON);
    again.sessionNumber = lisbon.sessionNumber;
    again.hello();

    assertThat(again.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.IN_USE);
  }

  @Test
  void aTruncateIsSentOnAndWithoutAKeyLoggedAndCountedAndSentToNobody() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    porto.applyAll();
    lisbon.commit(new RowBlockWriter().put(new RowChange.Truncate(Samples.ORDERS.id())).toBlock());
    assertThat(porto.session.deliveries().getLast().rows())
        .containsExactly(new RowChange.Truncate(Samples.ORDERS.id()));
    assertThat(hub.meter.errors()).isEmpty();

    hub.plan("*");
    lisbon.send(new UpstreamRecord.Shape(Samples.NOTES));
    lisbon.commit(new RowBlockWriter().put(new RowChange.Truncate(Samples.NOTES.id())).toBlock());
    assertThat(hub.meter.errors())
        .containsExactly(Map.entry(new FlowMeter.Count(Samples.NOTES.table(), "truncate"), 1L));
    assertThat(porto.session.deliveries()).hasSize(2);
  }

  @Test
  void aMarkThatIsSentAgainDoesNotMoveThePlaceInTheSourcesLogBack() {
    FakeAgent lisbon = hub.live(LISBON);
    Context nothingNew = Context.through(Samples.at(0));
    lisbon.send(new UpstreamRecord.ContextMark(Samples.source(50), nothingNew));
    lisbon.send(new UpstreamRecord.ContextMark(Samples.source(60), nothingNew));
    lisbon.send(new UpstreamRecord.ContextMark(Samples.source(50), nothingNew));

    lisbon.detach();
    FakeAgent again = new FakeAgent(hub, LISBON);
    again.sessionNumber = lisbon.sessionNumber;
    again.hello();
    assertThat(again.session.welcomes.getLast().writer().sourcePosition())
        .isEqualTo(Samples.source(60));
  }

  @Test
  void anAgentOfAnOlderSessionFencesTheSpoke() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent copy = new FakeAgent(hub, LISBON);
    copy.hello();

    assertThat(copy.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.FENCED);
    assertThat(lisbon.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.FENCED);
  }

  @Test
  void aDatabaseThatWentBackInTimeNeedsAResync() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    porto.applyAll();
    porto.detach();
    porto.checkpoint = Samples.at(1);
    porto.hello();

    assertThat(porto.session.welcomes.getLast().flow().standing()).isEqualTo(Standing.NEEDS_RESYNC);
  }

  @Test
  void anAgentThatIsAheadOfTheLogIsTurnedAway() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.detach();
    lisbon.checkpoint = Samples.at(4711);
    lisbon.hello();

    assertThat(lisbon.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.HUB_LOST_POSITIONS);
  }

  @Test
  void aBarrierHoldsWhenAllMarksAreInAndEverySpokeHasAppliedIt() throws Exception {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    BarrierId barrier = takeBarrier();
    assertThat(lisbon.session.barriers).containsExactly(barrier);
    assertThat(porto.session.barriers).containsExactly(barrier);

    lisbon.mark(barrier);
    assertThat(hub.log()).noneMatch(LogEntry.Barrier.class::isInstance);
    porto.commit(insert(1, "before porto's mark"));
    porto.mark(barrier);

    assertThat(hub.log().getLast()).isInstanceOf(LogEntry.Barrier.class);
    assertThat(porto.session.deliveries())
        .last()
        .extracting(SpokeDelivery::barrier)
        .isEqualTo(barrier);
    assertThat(hub.sequence.barriers().lacking(barrier)).hasSize(2);
    lisbon.applyAll();
    lisbon.applyAll();
    assertThat(hub.sequence.barriers().lacking(barrier))
        .singleElement()
        .asString()
        .startsWith("porto: has applied");
    hub.audited = 0;
    porto.applyAll();
    porto.applyAll();
    assertThat(hub.sequence.barriers().lacking(barrier))
        .singleElement()
        .asString()
        .contains("audit");
    hub.audited = hub.store.head().number();
    assertThat(hub.sequence.barriers().lacking(barrier)).isEmpty();
  }

  @Test
  void aBarrierIsAskedOfASpokeThatComesLater() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.detach();
    BarrierId barrier = takeBarrier();
    assertThat(hub.sequence.barriers().lacking(barrier)).containsExactly("lisbon: offline");

    lisbon.hello().confirm();

    assertThat(lisbon.session.barriers).containsExactly(barrier);
  }

  @Test
  void aBarrierIsNotPlacedBeforeWhatAFailedCommitHeld() {
    FakeAgent lisbon = hub.live(LISBON);
    BarrierId barrier = takeBarrier();
    hub.store.failWith(
        () -> Fault.of(FaultKind.INTERNAL, "commit", "disk").healsByItself().build());
    lisbon.hand(lisbon.next(insert(1, "a"), List.of()));
    lisbon.hand(
        new UpstreamRecord.BarrierMark(barrier, Samples.source(9), Context.through(Samples.at(0))));
    hub.workFailing();
    hub.store.heal();
    hub.work();

    assertThat(hub.log().getLast()).isInstanceOf(LogEntry.Barrier.class);
    assertThat(hub.outcomes()).hasSize(1);
  }

  @Test
  void aRemovedSpokeIsCutOff() {
    FakeAgent lisbon = hub.live(LISBON);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    hub.reception.take(new Command.Remove(LISBON, answer));
    hub.work();

    assertThat(answer).isCompleted();
    assertThat(lisbon.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.REMOVED);
    lisbon.hello();
    assertThat(lisbon.session.refusals)
        .singleElement()
        .extracting(Refusal::code)
        .isEqualTo(Refusal.REMOVED);
  }

  @Test
  void aSpokeThatJoinsAnewUnderItsOldNameIsSentWhatItWroteInItsFormerLife() {
    FakeAgent lisbon = hub.live(LISBON);
    hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    hub.reception.take(new Command.Remove(LISBON, new CompletableFuture<>()));
    hub.work();

    FakeAgent again = hub.live(LISBON);

    assertThat(again.session.deliveries()).hasSize(1);
  }

  @Test
  void theMeterCountsRowsByTableAndOperation() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.commit(insert(1, "a"));
    lisbon.commit(update(1, "a", "b"));

    assertThat(hub.meter.tables().get(Samples.ORDERS.table()).inserts()).isEqualTo(1);
    assertThat(hub.meter.tables().get(Samples.ORDERS.table()).updates()).isEqualTo(1);
  }

  private BarrierId takeBarrier() {
    BarrierId barrier = new BarrierId(new UUID(7, 7));
    hub.reception.take(new Command.TakeBarrier(barrier, new CompletableFuture<>()));
    hub.work();
    return barrier;
  }
}
