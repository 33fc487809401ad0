package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.insert;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.stream.FlowState;
import io.spokewire.hub.testing.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The window of rows that can still be in conflict keeps within its memory, and nothing is lost.
 */
class WindowBoundTest {
  private static final long LIMIT = 64 << 10;
  private static final SpokeId FARO = new SpokeId("faro");

  private final HubHarness hub = new HubHarness();

  @BeforeEach
  void smallWindow() {
    hub.windowLimit(LIMIT);
    hub.start();
    hub.plan("orders");
  }

  @Test
  void aSpokeThatIsAwayStopsTheOthersAtTheLimitAndItsReturnLetsThemGoOn() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    porto.detach();
    lisbon.applyAll();

    writeMuch(lisbon, 0, 200);

    assertThat(hub.windowMeter.read().bytes()).isBetween(LIMIT / 2, LIMIT);
    assertThat(hub.outcomes()).hasSizeBetween(20, 150);
    assertThat(lisbon.session.flows).last().matches(FlowState::held);
    assertThat(notices())
        .singleElement()
        .matches(n -> n.gravity() == Gravity.BLOCKING)
        .extracting(Notices.Notice::line)
        .asString()
        .contains("not taken in", "porto has not shown", "remove-spoke", "resolve.window");

    porto.hello().confirm();
    converge(lisbon, porto);

    assertThat(hub.outcomes())
        .extracting(o -> o.transaction().sequence().number())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 200).mapToObj(i -> (long) i).toList());
    assertThat(lisbon.session.flows).last().matches(f -> !f.held());
    assertThat(lisbon.session.consumed).isGreaterThanOrEqualTo(200 * 100);
    assertThat(lisbon.session.refusals).isEmpty();
    assertThat(notices()).isEmpty();
    assertThat(hub.windowMeter.read().bytes()).isZero();
  }

  @Test
  void nearTheLimitSomebodyIsWarnedWhileAllGoesOn() {
    FakeAgent lisbon = hub.live(LISBON);
    hub.live(PORTO).detach();
    lisbon.applyAll();

    int written = 0;
    while (notices().isEmpty()) {
      writeMuch(lisbon, written++, 1);
      assertThat(written).isLessThan(200);
    }

    assertThat(notices())
        .singleElement()
        .matches(n -> n.gravity() == Gravity.WARNING)
        .extracting(Notices.Notice::text)
        .asString()
        .contains("porto");
    assertThat(hub.outcomes()).hasSize(written);
    assertThat(lisbon.session.flows).noneMatch(FlowState::held);
  }

  @Test
  void whoHoldsTheFrontierIsLetInAtTheLimitSinceItsContextComesBehindItsTransactions() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    FakeAgent faro = hub.live(FARO);
    List.of(lisbon, porto, faro).forEach(FakeAgent::applyAll);
    porto.detach();
    writeMuch(lisbon, 0, 200);
    long before = hub.outcomes().size();

    porto.hello().confirm();
    for (int i = 0; i < 5; i++) { // written before it saw anything of lisbon's
      porto.commit(insert(1_000 + i, "porto's"));
    }

    assertThat(hub.outcomes()).hasSize((int) before + 5);
    converge(lisbon, porto, faro);
    assertThat(hub.outcomes()).hasSize(205);
  }

  @Test
  void aLongBacklogOfOneSiteNeedsNoMoreRoomThanTheOthersLag() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    List.of(lisbon, porto).forEach(FakeAgent::applyAll);
    lisbon.detach();
    List<UpstreamRecord> backlog = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) { // written without having seen anything since
      backlog.add(lisbon.next(insert(i, "some text that takes a little room"), List.of()));
    }
    lisbon.hello().confirm();
    backlog.forEach(one -> lisbon.hand(one));
    hub.work();
    assertThat(hub.outcomes()).hasSizeBetween(20, 300);

    converge(porto, lisbon);

    assertThat(hub.outcomes()).hasSize(1_000);
    assertThat(porto.session.deliveries()).hasSize(1_000);
    assertThat(notices()).isEmpty();
  }

  @Test
  void whatIsHeldDoesNotKeepOthersFromBeingHeardAndServed() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    FakeAgent faro = hub.live(FARO);
    List.of(lisbon, porto, faro).forEach(FakeAgent::applyAll);
    porto.detach();
    writeMuch(lisbon, 0, 200);

    faro.applied(hub.store.head().number());
    assertThat(hub.board.of(FARO).applied()).isEqualTo(hub.store.head().number());
    faro.seen(hub.store.head().number());
    assertThat(faro.session.deliveries()).isNotEmpty();
    assertThat(hub.plan("orders").version().number()).isEqualTo(2);
  }

  @Test
  void removingTheSpokeThatIsAwayLetsTheOthersGoOn() {
    FakeAgent lisbon = hub.live(LISBON);
    hub.live(PORTO).detach();
    lisbon.applyAll();
    writeMuch(lisbon, 0, 200);

    hub.reception.take(new Command.Remove(PORTO, new CompletableFuture<>()));
    converge(lisbon);

    assertThat(hub.outcomes()).hasSize(200);
    assertThat(notices()).isEmpty();
  }

  @Test
  void aStoreThatFailsMeanwhileDoesNotMixUpWhatIsHeld() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    porto.detach();
    lisbon.applyAll();
    writeMuch(lisbon, 0, 100);
    porto.hello().confirm();
    porto.applied(hub.store.head().number());
    hub.store.failWith(
        () -> Fault.of(FaultKind.INTERNAL, "commit", "no space left").healsByItself().build());
    porto.hand(porto.next(insert(5_000, "porto's"), List.of()));
    hub.workFailing();
    hub.store.heal();

    converge(lisbon, porto);

    assertThat(hub.outcomes()).hasSize(101);
    assertThat(lisbon.session.refusals).isEmpty();
  }

  @Test
  void aRestartWithAWindowThatDoesNotFitTakesNothingInAndGoesOnOnceItDoes() {
    hub.windowLimit(LIMIT * 8);
    hub.start();
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    porto.detach();
    lisbon.applyAll();
    writeMuch(lisbon, 0, 300);
    assertThat(hub.outcomes()).hasSize(300);

    hub.windowLimit(LIMIT); // as on a smaller machine
    hub.start();
    lisbon.hello().confirm();
    lisbon.resend();
    lisbon.commit(insert(900, "after the restart"));

    assertThat(hub.outcomes()).hasSize(300);
    assertThat(hub.windowMeter.read().closed()).isTrue();
    assertThat(notices())
        .singleElement()
        .extracting(Notices.Notice::line)
        .asString()
        .contains("no transactions are taken in", "porto");

    porto.hello().confirm();
    converge(lisbon, porto);

    assertThat(hub.outcomes()).hasSize(301);
    assertThat(notices()).isEmpty();
  }

  @Test
  void aTransactionThatCanNeverFitWaitsAndTheOthersGoOn() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    List.of(lisbon, porto).forEach(FakeAgent::applyAll);
    lisbon.send(lisbon.chunk(0, many(0, 200)), lisbon.chunk(1, many(200, 400)));
    lisbon.send(lisbon.next(insert(600, "end"), List.of(many(0, 200), many(200, 400))));

    porto.commit(insert(1_000, "porto's"));

    assertThat(hub.outcomes()).hasSize(1);
    assertThat(notices())
        .singleElement()
        .extracting(Notices.Notice::line)
        .asString()
        .contains("lisbon", "more rows than fit", "resolve.window");

    lisbon.detach();
    hub.windowLimit(LIMIT * 8);
    hub.start();
    porto.hello().confirm();
    lisbon.hello().confirm();
    lisbon.send(lisbon.chunkAgain(0, many(0, 200)), lisbon.chunkAgain(1, many(200, 400)));
    lisbon.resend();

    assertThat(hub.outcomes()).hasSize(2);
  }

  @Test
  void aLargeTransactionMayTakeMoreThanTheReserveOfWhoHoldsTheFrontier() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    List.of(lisbon, porto).forEach(FakeAgent::applyAll);
    writeMuch(porto, 1_000, 10);
    lisbon.send(lisbon.chunk(0, many(0, 190)));
    lisbon.send(lisbon.next(insert(600, "end"), List.of(many(0, 190))));
    assertThat(hub.outcomes()).hasSize(11);
    assertThat(hub.windowMeter.read().bytes()).isGreaterThan(LIMIT * 3 / 2);

    converge(lisbon, porto);

    assertThat(notices()).isEmpty();
  }

  private void writeMuch(FakeAgent agent, int from, int count) {
    for (int i = from; i < from + count; i++) {
      agent.commit(insert(i, "some text that takes a little room"));
      agent.seen = Math.max(agent.seen, agent.sentThrough()); // as its own marks would show
    }
  }

  private static RowBlock many(int from, int to) {
    return Samples.inserts(from, to);
  }

  /** All apply what comes and show it, until nothing more comes. */
  private void converge(FakeAgent... agents) {
    for (int i = 0; i < 100; i++) {
      for (FakeAgent agent : agents) {
        agent.applyAll();
      }
    }
  }

  private List<Notices.Notice> notices() {
    return hub.notices.all();
  }
}
