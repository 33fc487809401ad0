package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.insert;
import static io.spokewire.hub.testing.Samples.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.testing.Samples;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A window larger than the memory it may take: nobody waits, and nothing is missed. */
class ColdWindowTest {
  private static final long MEMORY = 64 << 10;

  private final HubHarness hub = new HubHarness();
  private FakeAgent lisbon;
  private FakeAgent porto;

  @BeforeEach
  void smallWindow() {
    hub.windowBytes(MEMORY);
    hub.start();
    hub.plan("orders");
    lisbon = hub.live(LISBON);
    porto = hub.live(PORTO);
    lisbon.applyAll();
    porto.applyAll();
  }

  @Test
  void aSpokeThatIsAwayKeepsNobodyWaitingAndTheRestGoesToDisk() {
    porto.detach();

    writeMuch(0, 400);

    assertThat(hub.outcomes()).hasSize(400);
    assertThat(hub.windowMeter.read().bytes()).isLessThanOrEqualTo(MEMORY + MEMORY / 4);
    assertThat(hub.windowMeter.read().cold()).isGreaterThan(200);
    assertThat(notices())
        .singleElement()
        .extracting(Notices.Notice::line)
        .asString()
        .contains("lie on disk", "porto has not shown", "remove-spoke");

    porto.hello().confirm();
    converge();

    assertThat(hub.windowMeter.read().cold()).isZero();
    assertThat(notices()).isEmpty();
  }

  @Test
  void aWriteThatMeetsAColdRowIsFoundToBeConcurrent() {
    writeMuch(0, 1);
    converge();
    porto.detach();
    lisbon.commit(update(0, "some text that takes a little room", "lisbon's"));
    writeMuch(1, 400);

    porto.hello().confirm();
    porto.commit(update(0, "some text that takes a little room", "porto's"));

    LogEntry.Outcome last = hub.outcomes().getLast();
    assertThat(last.conflicts())
        .extracting(ConflictRecord::field, c -> c.target().spoke())
        .containsExactly(org.assertj.core.groups.Tuple.tuple("status", LISBON));
  }

  @Test
  void aRestartBuildsAWindowThatIsLargerThanItsMemory() {
    porto.detach();
    writeMuch(0, 400);

    hub.start();
    lisbon.checkpoint = Samples.at(lisbon.seen);
    lisbon.hello().confirm();
    lisbon.commit(insert(900, "after the restart"));

    assertThat(hub.outcomes()).hasSize(401);
    look();
    assertThat(hub.windowMeter.read().cold()).isGreaterThan(200);
    assertThat(hub.windowMeter.read().bytes()).isLessThanOrEqualTo(MEMORY + MEMORY / 4);
  }

  @Test
  void oneTransactionMayBeLargerThanTheMemory() {
    lisbon.send(
        lisbon.chunk(0, Samples.inserts(0, 300)), lisbon.chunk(1, Samples.inserts(300, 600)));
    lisbon.send(
        lisbon.next(
            insert(600, "end"), List.of(Samples.inserts(0, 300), Samples.inserts(300, 600))));
    porto.commit(insert(1_000, "porto's"));

    assertThat(hub.outcomes()).hasSize(2);
    look();
    assertThat(hub.windowMeter.read().bytes()).isLessThanOrEqualTo(MEMORY + MEMORY / 4);
  }

  private void writeMuch(int from, int count) {
    for (int i = from; i < from + count; i++) {
      lisbon.commit(insert(i, "some text that takes a little room"));
      lisbon.seen = Math.max(lisbon.seen, lisbon.sentThrough()); // as its own marks would show
    }
    look();
  }

  private void look() {
    hub.time.advance(Duration.ofSeconds(2));
    hub.work();
  }

  private void converge() {
    for (int i = 0; i < 100; i++) {
      lisbon.applyAll();
      porto.applyAll();
    }
    look();
  }

  private List<Notices.Notice> notices() {
    return hub.notices.all();
  }
}
