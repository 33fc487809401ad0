package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.SpokeDelivery;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.testing.Samples;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A spoke whose database went back in time stays out until it rejoins, and then lacks nothing. */
class RejoinTest {
  private final HubHarness hub = new HubHarness();
  private FakeAgent lisbon;
  private FakeAgent porto;
  private long backup;

  @BeforeEach
  void twoSitesOfWhichOneGoesBack() {
    hub.plan("orders");
    lisbon = hub.live(LISBON);
    porto = hub.live(PORTO);
    lisbon.commit(insert(1, "before the backup"));
    lisbon.applyAll();
    porto.applyAll();
    backup = hub.store.head().number();
    lisbon.commit(insert(2, "lisbon's, lost"));
    porto.commit(insert(3, "porto's, lost there"));
    lisbon.applyAll();
    porto.applyAll();
  }

  @Test
  void aSpokeThatWentBackIsSentNothingUntilItRejoins() {
    lisbon.goBackTo(backup);
    assertThat(spoke().standing()).isEqualTo(Standing.NEEDS_RESYNC);
    assertThat(spoke().reason()).contains("went back in time", "topology rejoin lisbon");
    porto.commit(insert(4, "meanwhile"));
    assertThat(deliveries()).isEmpty();

    rejoin().join();
    assertThat(spoke().standing()).isEqualTo(Standing.LIVE);
    assertThat(spoke().epoch()).isEqualTo(new Epoch(2));
    assertThat(lisbon.session.refusals.getLast().retry()).isTrue();
    assertThat(hub.log())
        .filteredOn(LogEntry.EpochChange.class::isInstance)
        .extracting(e -> ((LogEntry.EpochChange) e).after())
        .containsExactly(backup);
  }

  @Test
  void whatItLostComesAgainItsOwnWritesToo() {
    lisbon.goBackTo(backup);
    rejoin().join();
    lisbon.beginNewLife();
    assertThat(deliveries())
        .containsExactlyInAnyOrder(insert(2, "lisbon's, lost"), insert(3, "porto's, lost there"));
  }

  @Test
  void anAgentThatDoesNotKnowYetIsToldWhatTheHubHasOfItsEarlierLife() {
    lisbon.goBackTo(backup);
    rejoin().join();
    lisbon.detach();
    lisbon.hello();
    assertThat(lisbon.session.welcomes.getLast().earlierLast().number()).isEqualTo(2);
    assertThat(lisbon.session.welcomes.getLast().writer().last().number()).isZero();
    assertThat(lisbon.session.welcomes.getLast().start()).isEqualTo(backup);
  }

  @Test
  void whatIsWrittenOnTheRestoredDatabaseIsConcurrentWithWhatItLost() {
    lisbon.goBackTo(backup);
    rejoin().join();
    lisbon.beginNewLife();
    lisbon.commit(insert(3, "after the restore"));
    LogEntry.Outcome last = hub.outcomes().getLast();
    assertThat(last.transaction().writer().epoch()).isEqualTo(new Epoch(2));
    assertThat(last.conflicts()).hasSize(1);
    lisbon.commit(insert(2, "mine again"));
    assertThat(hub.outcomes().getLast().conflicts()).as("its earlier life is another").hasSize(1);
  }

  @Test
  void commitsThatAreCapturedOnceMoreAreNotTakenTwice() {
    UpstreamRecord.Committed lost = lisbon.commit(insert(5, "captured, not applied through"));
    UpstreamRecord.Committed second = lisbon.commit(insert(6, "the same"));
    lisbon.goBackTo(backup);
    rejoin().join();
    lisbon.beginNewLife();
    int before = hub.outcomes().size();
    again(lost.transaction().rows(), lost.transaction().sourcePosition());
    assertThat(hub.outcomes()).hasSize(before);
    lisbon.applyAll();
    assertThat(lisbon.session.batches.getLast().acknowledgedSequence())
        .as("no outcome answers it, so the end of the log does")
        .isOne();
    again(
        insert(7, "written where the other life went another way"),
        second.transaction().sourcePosition());
    assertThat(hub.outcomes()).hasSize(before + 1);
    again(insert(8, "after"), Samples.source(900));
    assertThat(hub.outcomes()).hasSize(before + 2);
    assertThat(lisbon.session.acknowledged.getLast()).isEqualTo(3);
  }

  @Test
  void aRestartKnowsOfTheRejoin() {
    Spoke waiting = goneBack();
    rejoin().join();
    hub.topology.update(LISBON, s -> waiting); // the process died before it was noted there
    hub.start();
    hub.work();
    assertThat(spoke().epoch()).isEqualTo(new Epoch(2));
    assertThat(spoke().startsAfter()).isEqualTo(backup);
    lisbon.beginNewLife();
    assertThat(spoke().standing()).isEqualTo(Standing.LIVE);
    assertThat(deliveries()).hasSize(2);
  }

  @Test
  void aLogThatNoLongerReachesBackRefusesARejoin() {
    goneBack();
    hub.store.trimThrough(Samples.at(backup + 1));
    assertThatThrownBy(() -> rejoin().join())
        .hasMessageContaining("no longer reaches back")
        .hasMessageContaining("remove-spoke");
    assertThat(spoke().standing()).isEqualTo(Standing.NEEDS_RESYNC);
  }

  @Test
  void aSpokeThatIsWellHasNothingToRejoin() {
    assertThatThrownBy(() -> rejoin().join()).hasMessageContaining("does not need a resync");
  }

  @Test
  void whatFoundOutWhileItRanIsAskedAnewBeforeItRejoins() {
    hub.reception.take(new Request.LogLost(lisbon.session, "its database went back in time"));
    hub.work();
    CompletableFuture<Void> answer = rejoin();
    assertThat(answer).isNotDone();
    assertThat(lisbon.session.refusals.getLast().retry()).isTrue();
    lisbon.goBackTo(backup);
    answer.join();
    assertThat(spoke().startsAfter()).isEqualTo(backup);
  }

  @Test
  void aDatabaseThatLacksWhatItsOwnLogShowedWentBack() {
    porto.commit(insert(4, "new"));
    porto.seen(hub.store.head().number()); // reported by its stream, not by apply yet
    porto.goBackTo(backup + 2);
    assertThat(hub.topology.find(PORTO).orElseThrow().standing()).isEqualTo(Standing.NEEDS_RESYNC);
  }

  private Spoke goneBack() {
    lisbon.goBackTo(backup);
    return spoke();
  }

  private CompletableFuture<Void> rejoin() {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    hub.reception.take(new Command.Rejoin(LISBON, answer));
    hub.work();
    return answer;
  }

  private void again(RowBlock rows, SourcePosition at) {
    lisbon.send(lisbon.next(at, rows, List.of()));
  }

  private Spoke spoke() {
    return hub.topology.find(LISBON).orElseThrow();
  }

  private List<RowBlock> deliveries() {
    List<RowBlock> rows = new ArrayList<>();
    lisbon.session.batches.forEach(
        b ->
            b.deliveries().stream()
                .map(SpokeDelivery::rows)
                .filter(r -> !r.isEmpty())
                .forEach(rows::add));
    return rows;
  }
}
