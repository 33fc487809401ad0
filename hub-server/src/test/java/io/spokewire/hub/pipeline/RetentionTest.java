package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.insert;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.stream.FlowState;
import io.spokewire.hub.topology.Spoke.Standing;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The log and the window wait for a spoke that is away as long as log.max_age, and no longer. */
class RetentionTest {
  private final HubHarness hub = new HubHarness();
  private FakeAgent lisbon;
  private FakeAgent porto;

  @BeforeEach
  void twoSpokesOfWhichOneGoes() {
    hub.plan("orders");
    lisbon = hub.live(LISBON);
    porto = hub.live(PORTO);
    settle(lisbon, porto);
  }

  @Test
  void aSpokeThatIsAwayTooLongNeedsAResyncAndIsWaitedForNoLonger() {
    porto.detach();
    lisbon.commit(insert(1, "porto never saw it"));
    settle(lisbon);
    days(6);
    assertThat(notices())
        .singleElement()
        .extracting(Notices.Notice::line)
        .asString()
        .contains("porto lacks changes for 5 d", "after 7 d it needs a resync", "log.max_age");
    assertThat(standing()).isEqualTo(Standing.LIVE);
    assertThat(hub.windowMeter.read().bytes()).isPositive();

    days(2);
    settle(lisbon);
    assertThat(standing()).isEqualTo(Standing.EXPIRED);
    assertThat(notices()).isEmpty();
    assertThat(hub.windowMeter.read().bytes()).isZero();

    porto.hello().confirm();
    FlowState flow = porto.session.welcomes.getLast().flow();
    assertThat(flow.standing()).isEqualTo(Standing.EXPIRED);
    assertThat(flow.reason()).contains("away too long", "log.max_age", "start it anew");
    porto.commit(insert(2, "what it wrote meanwhile"));
    porto.report(true);
    assertThat(hub.outcomes()).hasSize(1);
    assertThat(porto.session.deliveries()).isEmpty();
  }

  @Test
  void theTimeGoesOnThroughRestartsOfTheHub() {
    porto.detach();
    lisbon.commit(insert(1, "a"));
    days(4);
    hub.start();
    days(4);
    assertThat(standing()).isEqualTo(Standing.EXPIRED);
  }

  @Test
  void aSpokeThatLacksNothingMayBeAwayForEver() {
    porto.detach();
    days(30);
    assertThat(standing()).isEqualTo(Standing.LIVE);
    lisbon.commit(insert(1, "a"));
    days(1);
    porto.hello().confirm();
    settle(lisbon, porto);
    days(30);
    assertThat(standing()).isEqualTo(Standing.LIVE);
    assertThat(notices()).isEmpty();
  }

  @Test
  void aPausedSpokeIsAwayToo() {
    hub.pause(PORTO);
    lisbon.commit(insert(1, "a"));
    days(8);
    assertThat(standing()).isEqualTo(Standing.EXPIRED);
    assertThat(porto.session.flows).last().matches(f -> f.standing() == Standing.EXPIRED);
  }

  @Test
  void aSpokeThatIsOnItsWayIsLeftToArriveUnlessItStandsStill() {
    porto.detach();
    for (int i = 0; i < 40; i++) {
      lisbon.commit(insert(i, "a"));
    }
    days(6);
    minutes(23 * 60 + 50);
    porto.hello().confirm();
    long from = porto.checkpoint.number();
    for (int i = 1; i <= 30; i++) {
      porto.applied(from + i);
      porto.seen(from + i);
      minutes(4);
    }
    assertThat(standing()).isEqualTo(Standing.LIVE);
    minutes(10);
    assertThat(standing()).isEqualTo(Standing.EXPIRED);
  }

  private void settle(FakeAgent... agents) {
    for (int i = 0; i < 3; i++) {
      for (FakeAgent agent : agents) {
        agent.applyAll();
      }
    }
  }

  private void days(int days) {
    for (int hour = 0; hour < days * 24; hour++) {
      hub.time.advance(Duration.ofHours(1));
      hub.work();
    }
  }

  private void minutes(int minutes) {
    for (int i = 0; i < minutes; i++) {
      hub.time.advance(Duration.ofMinutes(1));
      hub.work();
    }
  }

  private Standing standing() {
    return hub.topology.find(PORTO).orElseThrow().standing();
  }

  private List<Notices.Notice> notices() {
    return hub.notices.all();
  }
}
