package io.spokewire.hub.pipeline;

import static io.spokewire.hub.audit.Conflicts.LOG;
import static io.spokewire.hub.audit.Conflicts.ORDERS;
import static io.spokewire.hub.audit.Conflicts.START;
import static io.spokewire.hub.audit.Conflicts.outcome;
import static io.spokewire.hub.audit.Conflicts.status;
import static io.spokewire.hub.audit.Conflicts.text;
import static io.spokewire.hub.audit.Conflicts.withoutConflict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.credential.Secret;
import io.spokewire.common.fault.Fault;
import io.spokewire.hub.FakeTime;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.ConflictQuery;
import io.spokewire.hub.audit.ConflictState;
import io.spokewire.hub.audit.PostgresPlace;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.log.InMemoryHubStore;
import io.spokewire.hub.observe.Notices;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditLoopTest {
  @TempDir Path directory;

  private final HubStore store = new InMemoryHubStore(LOG);
  private final LogTail tail = new LogTail(1 << 20);
  private final FakeTime time = new FakeTime();
  private final Notices notices = new Notices();
  private Duration retention = Duration.ofDays(36_500);
  private Optional<Integer> alertAbove = Optional.empty();
  private ConflictAudit audit;
  private AuditLoop loop;

  @BeforeEach
  void open() {
    SchemaBook schemas = new SchemaBook();
    schemas.add(ORDERS);
    audit = ConflictAudit.open(directory.resolve("audit.db"), schemas);
    restart();
  }

  private void restart() {
    tail.reset(store.head().number());
    loop = new AuditLoop(store, tail, audit, this::policy, notices, time);
  }

  private AuditPolicy policy() {
    return new AuditPolicy(retention, alertAbove);
  }

  @AfterEach
  void close() {
    audit.close();
    store.close();
  }

  @Test
  void conflictsOfTheLogReachTheAuditAndTheLoopRests() {
    log(outcome(1, status(7, "a", "b", "c")), withoutConflict(2), outcome(3));
    assertThat(loop.doWork()).isEqualTo(3);
    assertThat(loop.doWork()).isZero();
    assertThat(audit.find(ConflictQuery.newest(10))).hasSize(1);
    assertThat(loop.projectedThrough()).isEqualTo(LOG.at(3));
  }

  @Test
  void whileTheAuditsDatabaseIsAwayTheLogIsKeptAndANoticeTells() {
    SchemaBook schemas = new SchemaBook();
    schemas.add(ORDERS);
    log(outcome(1, status(7, "a", "b", "c")), withoutConflict(2));
    PostgresPlace nowhere =
        new PostgresPlace("jdbc:postgresql://127.0.0.1:1/audit", "nobody", () -> new Secret(""));
    try (ConflictAudit away = ConflictAudit.open(nowhere, schemas)) {
      AuditLoop waiting = new AuditLoop(store, tail, away, this::policy, notices, time);
      assertThatThrownBy(waiting::doWork)
          .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());
      assertThat(waiting.durableThrough().number()).as("trimming waits here").isZero();
      assertThat(waiting.projectedThrough().number()).isZero();
      assertThat(notices.all())
          .singleElement()
          .satisfies(
              notice -> {
                assertThat(notice.text()).contains("2 log entries").contains("127.0.0.1:1");
                assertThat(notice.isBlocking()).isFalse();
              });
    }
    loop.doWork();
    assertThat(notices.all()).isEmpty();
  }

  @Test
  void manyConflictsWithinAnHourAreToldUntilTheyPassed() {
    alertAbove = Optional.of(1);
    log(outcome(1, status(7, "a", "b", "c")));
    loop.doWork();
    assertThat(notices.all()).isEmpty();
    time.advance(Duration.ofMinutes(50));
    log(outcome(2, status(8, "a", "b", "c")));
    loop.doWork();
    assertThat(notices.all())
        .singleElement()
        .satisfies(
            notice -> assertThat(notice.text()).startsWith("2 conflicts within the last hour"));
    time.advance(Duration.ofMinutes(11));
    loop.doWork();
    assertThat(notices.all()).isEmpty();
  }

  @Test
  void aRulingIsProjectedAlthoughItHasNoConflict() {
    log(outcome(1, status(7, "a", "b", "c")));
    loop.doWork();
    log(
        new LogEntry.Ruling(
            LOG.at(2),
            LogEntry.Verdict.REVERTED,
            HybridTime.of(START),
            "maria",
            "",
            List.of(new LogEntry.Ruled(new ConflictId(LOG.at(1), 0), FieldImage.of(text("c"))))));
    loop.doWork();
    assertThat(audit.find(1).orElseThrow().state()).isEqualTo(ConflictState.REVERTED);
  }

  @Test
  void aLongLogIsTakenInBoundedRuns() {
    List<LogEntry> entries = new ArrayList<>();
    for (int number = 1; number <= 5_000; number++) {
      entries.add(outcome(number, status(number, "a", "b", "c")));
    }
    log(entries.toArray(LogEntry[]::new));
    int steps = 0;
    while (loop.doWork() > 0) {
      steps++;
    }
    assertThat(steps).isEqualTo(3);
    assertThat(audit.find(ConflictQuery.newest(10_000))).hasSize(5_000);
  }

  @Test
  void entriesWithoutConflictCostTheAuditAWriteNowAndThenOnly() {
    log(outcome(1, status(1, "a", "b", "c")), withoutConflict(2));
    loop.doWork();
    log(withoutConflict(3), withoutConflict(4));
    loop.doWork();
    assertThat(loop.projectedThrough()).isEqualTo(LOG.at(4));
    assertThat(loop.durableThrough()).isEqualTo(LOG.at(2));
    time.advance(Duration.ofSeconds(1));
    loop.doWork();
    assertThat(loop.durableThrough()).isEqualTo(LOG.at(4));
  }

  @Test
  void whatWasNotMadeDurableIsLookedAtAgainAfterARestart() {
    log(withoutConflict(1), withoutConflict(2));
    loop.doWork();
    log(outcome(3, status(1, "a", "b", "c")));
    restart();
    assertThat(loop.projectedThrough()).isEqualTo(LOG.at(0));
    while (loop.doWork() > 0) {}
    assertThat(audit.find(ConflictQuery.newest(10))).hasSize(1);
    assertThat(loop.durableThrough()).isEqualTo(LOG.at(3));
  }

  @Test
  void conflictsBehindEntriesWithoutAnyAreProjectedOnce() {
    log(withoutConflict(1), withoutConflict(2));
    loop.doWork();
    log(outcome(3, status(1, "a", "b", "c")), withoutConflict(4));
    loop.doWork();
    restart();
    while (loop.doWork() > 0) {}
    assertThat(audit.find(ConflictQuery.newest(10))).hasSize(1);
  }

  @Test
  void conflictsOlderThanTheRetentionAreDeletedInSmallSteps() {
    List<LogEntry> entries = new ArrayList<>();
    for (int number = 1; number <= 500; number++) {
      entries.add(outcome(number, status(number, "a", "b", "c")));
    }
    log(entries.toArray(LogEntry[]::new));
    retention = Duration.between(START, time.instant()).plusDays(2);
    restart();
    while (loop.doWork() > 0) {}
    time.advance(Duration.ofDays(1));
    assertThat(loop.doWork()).isZero();
    assertThat(audit.find(ConflictQuery.newest(1_000))).hasSize(500);

    time.advance(Duration.ofDays(2));
    assertThat(loop.doWork()).isEqualTo(200);
    while (loop.doWork() > 0) {}
    assertThat(audit.find(ConflictQuery.newest(1_000))).isEmpty();
    assertThat(loop.projectedThrough()).isEqualTo(LOG.at(500)); // and so they do not come back
  }

  @Test
  void aNewAuditBeginsWhereTheTrimmedLogBegins() {
    log(outcome(1, status(1, "a", "b", "c")), outcome(2), outcome(3, status(3, "a", "b", "c")));
    store.trimThrough(LOG.at(2));
    restart();
    while (loop.doWork() > 0) {}
    assertThat(audit.find(ConflictQuery.newest(10))).hasSize(1);
    assertThat(loop.projectedThrough()).isEqualTo(LOG.at(3));
  }

  @Test
  void anAuditThatFellBehindATrimmedLogStopsLoudly() {
    log(outcome(1, status(1, "a", "b", "c")));
    while (loop.doWork() > 0) {}
    log(outcome(2, status(2, "a", "b", "c")), outcome(3));
    store.trimThrough(LOG.at(2));
    assertThatThrownBy(loop::doWork)
        .isInstanceOf(Fault.class)
        .hasMessageContaining("trimmed through main:2");
  }

  private void log(LogEntry... entries) {
    store.commit(new HubStore.LogGroup(List.of(entries), List.of(), Map.of(), List.of()));
    tail.append(List.of(entries));
  }
}
