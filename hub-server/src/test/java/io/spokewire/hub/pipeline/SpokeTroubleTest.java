package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.insert;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.observe.FlowMeter.Count;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.stream.Request;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong at spokes is counted, and clocks that are off are told of. */
class SpokeTroubleTest {
  private static final TableName ANY = new TableName("*");

  private final HubHarness hub = new HubHarness();

  @BeforeEach
  void plan() {
    hub.plan("orders");
  }

  @Test
  void rowsThatAreSetAsideAreCountedOnceEach() {
    FakeAgent lisbon = hub.live(LISBON);
    FakeAgent porto = hub.live(PORTO);
    lisbon.commit(insert(1, "a"));
    parked(porto, 3);
    parked(porto, 3);
    parked(porto, 1); // two were mended
    parked(porto, 2);

    assertThat(hub.meter.errors()).containsEntry(new Count(ANY, "parked"), 4L);
    assertThat(hub.meter.errorsOfLastDay()).isEqualTo(4);

    hub.start(); // two are set aside still, and were counted
    porto.hello().confirm();
    parked(porto, 2);
    assertThat(hub.meter.errors()).isEmpty();
    parked(porto, 5);
    assertThat(hub.meter.errors()).containsEntry(new Count(ANY, "parked"), 3L);
  }

  @Test
  void batchesThatAreRefusedAndFaultsOfAgentsAreCounted() {
    FakeAgent lisbon = hub.live(LISBON);
    lisbon.next(insert(1, "never sent"), List.of());
    lisbon.commit(insert(2, "new"));
    assertThat(hub.meter.errors()).containsEntry(new Count(ANY, "refused_gap"), 1L);

    FakeAgent porto = hub.live(PORTO);
    condition(porto, "disk full");
    condition(porto, "disk full"); // told again over a new session
    condition(porto, "");
    condition(porto, "disk full");
    assertThat(hub.meter.errors()).containsEntry(new Count(ANY, "queue_fault"), 2L);
  }

  @Test
  void aDatabaseWhoseTimesAreOfTheFutureIsToldOfUntilItWasWellForAWhile() {
    FakeAgent lisbon = hub.live(LISBON);
    commitAhead(lisbon, Duration.ofHours(1));
    assertThat(notices())
        .singleElement()
        .extracting(Notices.Notice::line)
        .asString()
        .contains("lisbon", "3600.0 s ahead", "NTP");

    later(Duration.ofSeconds(30));
    assertThat(notices()).hasSize(1);
    later(Duration.ofMinutes(3));
    assertThat(notices()).isEmpty();
  }

  @Test
  void anAgentWhoseClockIsOffIsToldOfThoughNothingWasWritten() {
    hub.live(LISBON);
    hub.board.update(LISBON, r -> r.withOutbox(0, 0, -2_500_000));
    later(Duration.ofSeconds(2));
    assertThat(notices())
        .singleElement()
        .extracting(Notices.Notice::text)
        .isEqualTo("lisbon's clock is 2.5 s behind the hub's");

    hub.board.update(LISBON, r -> r.withOutbox(0, 0, 400_000));
    later(Duration.ofMinutes(2));
    assertThat(notices()).isEmpty();
  }

  private void parked(FakeAgent agent, long rows) {
    hub.reception.take(new Request.Applied(agent.session, hub.store.head().number(), rows, 1, 0));
    hub.work();
  }

  private void condition(FakeAgent agent, String fault) {
    hub.reception.take(new Request.Condition(agent.session, "queue", fault));
    hub.work();
  }

  private void commitAhead(FakeAgent agent, Duration by) {
    Transaction t = agent.next(insert(1, "new"), List.of()).transaction();
    long micros = hub.time.epochMicros() + by.toNanos() / 1000;
    agent.send(
        new UpstreamRecord.Committed(
            new Transaction(
                t.writer(),
                t.sequence(),
                t.sourcePosition(),
                new HybridTime(micros, 0),
                t.context(),
                t.hash(),
                t.rows(),
                0)));
    later(Duration.ofSeconds(2));
  }

  private void later(Duration by) {
    for (long s = 0; s < by.toSeconds(); s += 2) {
      hub.time.advance(Duration.ofSeconds(2));
      hub.work();
    }
  }

  private List<Notices.Notice> notices() {
    return hub.notices.all();
  }
}
