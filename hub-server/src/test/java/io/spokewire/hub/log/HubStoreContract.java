package io.spokewire.hub.log;

import static io.spokewire.hub.testing.Samples.BEGINNING;
import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.ORDERS;
import static io.spokewire.hub.testing.Samples.PORTO;
import static io.spokewire.hub.testing.Samples.at;
import static io.spokewire.hub.testing.Samples.insert;
import static io.spokewire.hub.testing.Samples.source;
import static io.spokewire.hub.testing.Samples.text;
import static io.spokewire.hub.testing.Samples.transaction;
import static io.spokewire.hub.testing.Samples.writer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.log.HubStore.LogGroup;
import io.spokewire.hub.testing.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must hold. */
abstract class HubStoreContract {
  HubStore store;

  /** Makes an empty store. */
  abstract HubStore create();

  /** What a loss of power would leave of the store, opened again. */
  abstract HubStore afterCrash(HubStore before);

  @BeforeEach
  void begin() {
    store = create();
  }

  @AfterEach
  void end() {
    store.close();
  }

  @Test
  void aNewStoreIsEmpty() {
    assertThat(store.head()).isEqualTo(BEGINNING);
    assertThat(store.trimmedThrough()).isEqualTo(BEGINNING);
    assertThat(store.recover().writers()).isEmpty();
    assertThat(entries(store, BEGINNING)).isEmpty();
  }

  @Test
  void everyKindOfEntryComesBackAsItWas() {
    List<LogEntry> entries = everyKind();
    commit(entries);

    assertThat(entries(store, BEGINNING)).isEqualTo(entries);
    assertThat(store.head()).isEqualTo(at(entries.size()));
  }

  @Test
  void aCommittedGroupSurvivesACrash() {
    WriterState state =
        new WriterState(
            writer(LISBON),
            new Sequence(1),
            ChainHash.START,
            source(7),
            new Context(at(3), new long[] {5, 9}, List.of()),
            new HybridTime(12, 1));
    List<LogEntry> entries = List.of(outcome(1, insert(1, "new")));
    store.commit(new LogGroup(entries, List.of(state), Map.of(PORTO, at(0)), List.of(ORDERS)));

    store = afterCrash(store);

    assertThat(store.head()).isEqualTo(at(1));
    assertThat(entries(store, BEGINNING)).isEqualTo(entries);
    assertThat(store.recover().writers()).containsExactly(state);
    assertThat(store.recover().applied()).isEqualTo(Map.of(PORTO, at(0)));
    assertThat(store.recover().schemas()).containsExactly(ORDERS);
  }

  @Test
  void positionsMustFollowEachOther() {
    commit(List.of(outcome(1, insert(1, "a"))));

    assertThatThrownBy(() -> commit(List.of(outcome(3, insert(2, "b"))))).isInstanceOf(Fault.class);
    assertThat(store.head()).isEqualTo(at(1));
  }

  @Test
  void readsBeginAfterThePositionAskedFor() {
    commit(List.of(outcome(1, insert(1, "a")), outcome(2, insert(2, "b"))));
    commit(List.of(outcome(3, insert(3, "c"))));

    assertThat(entries(store, at(1)))
        .extracting(e -> e.position().number())
        .containsExactly(2L, 3L);
  }

  @Test
  void aReaderEndsAtTheHeadOfWhenItWasMade() {
    commit(List.of(outcome(1, insert(1, "a"))));
    try (HubStore.EntryReader reader = store.read(BEGINNING)) {
      commit(List.of(outcome(2, insert(2, "b"))));
      assertThat(reader.next().position()).isEqualTo(at(1));
      assertThat(reader.hasNext()).isFalse();
    }
  }

  @Test
  void stagedChunksAreThereUntilTheirTransactionIsCommitted() {
    store.stage(writer(LISBON), new Sequence(1), 0, insert(1, "a"));
    store.stage(writer(LISBON), new Sequence(1), 1, insert(2, "b"));
    store.stage(writer(LISBON), new Sequence(1), 1, insert(2, "replaced"));

    assertThat(store.staged(writer(LISBON), new Sequence(1), 0)).isEqualTo(insert(1, "a"));
    assertThat(store.staged(writer(LISBON), new Sequence(1), 1)).isEqualTo(insert(2, "replaced"));

    stageParts(1, 2);
    commit(List.of(staged(1, 2)));

    assertThatThrownBy(() -> store.staged(writer(LISBON), new Sequence(1), 0))
        .isInstanceOf(Fault.class);
  }

  @Test
  void chunksBeforeACommitSurviveACrash() {
    store.stage(writer(LISBON), new Sequence(2), 0, insert(1, "a"));
    commit(List.of(outcome(1, insert(9, "z"))));

    store = afterCrash(store);

    assertThat(store.staged(writer(LISBON), new Sequence(2), 0)).isEqualTo(insert(1, "a"));
  }

  @Test
  void partsAreInvisibleUntilTheirOutcomeIsCommitted() {
    stageParts(1, 2);
    assertThat(entries(store, BEGINNING)).isEmpty();

    commit(List.of(staged(1, 2)));

    assertThat(entries(store, BEGINNING)).containsExactly(part(1, 0), part(1, 1), staged(1, 2));
  }

  @Test
  void partsOfAnOutcomeThatNeverCameAreGone() {
    stageParts(1, 3);
    commit(List.of(outcome(1, insert(5, "other"))));
    assertThat(entries(store, BEGINNING)).containsExactly(outcome(1, insert(5, "other")));

    stageParts(2, 3);
    stageParts(2, 2);
    commit(List.of(staged(2, 2)));
    assertThat(entries(store, at(1))).containsExactly(part(2, 0), part(2, 1), staged(2, 2));
  }

  @Test
  void partsWithoutTheirOutcomeDoNotSurviveACrash() {
    stageParts(1, 2);
    commit(List.of()); // makes what was staged durable, and nothing visible
    store = afterCrash(store);

    commit(List.of(outcome(1, insert(5, "other"))));

    assertThat(entries(store, BEGINNING)).containsExactly(outcome(1, insert(5, "other")));
  }

  @Test
  void trimmingDropsEntriesAndKeepsState() {
    store.commit(
        new LogGroup(
            List.of(outcome(1, insert(1, "a")), outcome(2, insert(2, "b"))),
            List.of(),
            Map.of(PORTO, at(2)),
            List.of(ORDERS)));

    store.trimThrough(at(1));

    assertThat(store.trimmedThrough()).isEqualTo(at(1));
    assertThat(entries(store, at(1))).hasSize(1);
    assertThatThrownBy(() -> store.read(BEGINNING)).isInstanceOf(Fault.class);
    store = afterCrash(store);
    assertThat(store.trimmedThrough()).isEqualTo(at(1));
    assertThat(store.head()).isEqualTo(at(2));
    assertThat(store.recover().applied()).isEqualTo(Map.of(PORTO, at(2)));
    assertThat(store.recover().schemas()).containsExactly(ORDERS);
  }

  @Test
  void trimmingBeyondTheHeadIsRefused() {
    assertThatThrownBy(() -> store.trimThrough(at(1))).isInstanceOf(Fault.class);
  }

  @Test
  void whatIsSetAsideIsTakenBackOnce() {
    store.setAside(text("orders 7"), text("first"));
    store.setAside(text("orders 7"), text("second"));
    assertThat(store.takeBack(text("orders 8"))).isNull();
    assertThat(store.takeBack(text("orders 7"))).isEqualTo(text("second"));
    assertThat(store.takeBack(text("orders 7"))).isNull();
  }

  @Test
  void placesOfWhatIsSetAsideAreFoundByHowTheyBegin() {
    store.setAside(text("orders 7"), text("x"));
    store.setAside(text("orders 10"), text("x"));
    store.setAside(text("items 7"), text("x"));
    store.takeBack(text("orders 10"));
    store.setAside(text("orders 8"), text("x"));
    assertThat(store.placesAside(text("orders ")))
        .containsExactlyInAnyOrder(text("orders 7"), text("orders 8"));
    assertThat(store.placesAside(text("orders 9"))).isEmpty();
  }

  @Test
  void whatIsSetAsideIsForgottenAllAtOnce() {
    store.setAside(text("a"), text("x"));
    store.setAside(text("z"), text("y"));
    store.forgetAside();
    assertThat(store.takeBack(text("a"))).isNull();
    assertThat(store.takeBack(text("z"))).isNull();
    store.setAside(text("a"), text("again"));
    assertThat(store.takeBack(text("a"))).isEqualTo(text("again"));
  }

  void commit(List<LogEntry> entries) {
    store.commit(new LogGroup(entries, List.of(), Map.of(), List.of()));
  }

  static List<LogEntry> entries(HubStore store, Position after) {
    List<LogEntry> all = new ArrayList<>();
    try (HubStore.EntryReader reader = store.read(after)) {
      reader.forEachRemaining(all::add);
    }
    return all;
  }

  static LogEntry.Outcome outcome(long position, RowBlock rows) {
    return new LogEntry.Outcome(
        at(position), transaction(LISBON, position, rows), List.of(), List.of());
  }

  private void stageParts(long position, int parts) {
    for (int i = 0; i < parts; i++) {
      store.stagePart(part(position, i));
    }
  }

  private static LogEntry.OutcomePart part(long position, int index) {
    return new LogEntry.OutcomePart(
        at(position), index, insert(100 + index, "part"), List.of(RowResolution.withheld(0)));
  }

  private static LogEntry.Outcome staged(long position, int chunks) {
    Transaction t = transaction(LISBON, position, insert(1, "last"));
    return new LogEntry.Outcome(
        at(position),
        new Transaction(
            t.writer(),
            t.sequence(),
            t.sourcePosition(),
            t.time(),
            t.context(),
            t.hash(),
            t.rows(),
            chunks),
        List.of(),
        List.of());
  }

  static List<LogEntry> everyKind() {
    Transaction t = transaction(LISBON, 1, insert(1, "a"));
    Transaction seen =
        new Transaction(
            t.writer(),
            t.sequence(),
            t.sourcePosition(),
            t.time(),
            new Context(
                at(3),
                new long[] {7, 11},
                List.of(
                    new Context.Unseen(new TableName("orders"), Samples.key(1).bytes(), 2),
                    new Context.Unseen(new TableName("orders"), Samples.key(2).bytes(), "note", 1),
                    new Context.Unseen(new TableName("stock"), null, 0))),
            t.hash(),
            t.rows(),
            0);
    RowResolution resolution =
        new RowResolution(0, insert(1, "b").bytes(), text("x"), true, new Tuple(text("y")));
    ConflictRecord conflict =
        new ConflictRecord(
            new TableName("orders"),
            ORDERS.id(),
            Samples.key(1),
            "status",
            ConflictKind.UPDATE_CONCURRENT,
            FieldImage.of(Field.ABSENT),
            new ConflictWrite(
                LISBON,
                new Sequence(4),
                at(1),
                new HybridTime(70, 1),
                VectorClock.EMPTY.with(LISBON, new Sequence(4)),
                ORDERS.id(),
                Samples.key(1),
                Field.ofValue(text("a")),
                new Tuple(text("x"))),
            new ConflictWrite(
                PORTO,
                new Sequence(9),
                at(0),
                new HybridTime(60, 0),
                VectorClock.EMPTY.with(PORTO, new Sequence(9)).with(LISBON, new Sequence(1)),
                new SchemaId(77),
                Samples.key(2),
                Field.NULL,
                Tuple.NONE),
            List.of(
                new ConflictWrite(
                    PORTO,
                    new Sequence(8),
                    at(0),
                    new HybridTime(50, 0),
                    VectorClock.EMPTY,
                    ORDERS.id(),
                    Samples.key(1),
                    Field.ofValue(text("b")),
                    Tuple.NONE)),
            "last_write_wins",
            new PlanVersion(2),
            new FieldImage(FieldImage.EXISTS, new Tuple(text("y"))),
            true);
    LogEntry.Ruled ruled =
        new LogEntry.Ruled(
            new ConflictId(
                new Position(
                    LogIncarnation.parse("7b0f3d4e-0000-4000-8000-000000000009"),
                    ChannelId.MAIN,
                    5),
                3),
            FieldImage.ofRow(new Tuple(text("z"))));
    return List.of(
        new LogEntry.Outcome(at(1), seen, List.of(resolution), List.of(conflict)),
        new LogEntry.PlanSwitch(at(2), new PlanVersion(3), "tables: [orders]\n"),
        new LogEntry.SchemaChange(at(3), LISBON, ORDERS),
        new LogEntry.Join(at(4), PORTO, new Epoch(2), true),
        new LogEntry.EpochChange(at(5), PORTO, new Epoch(3), 2),
        new LogEntry.Barrier(at(6), new BarrierId(new UUID(5, 6))),
        new LogEntry.Ruling(
            at(7),
            LogEntry.Verdict.REVERTED,
            new HybridTime(80, 2),
            "admin",
            "wrong order",
            List.of(ruled)));
  }
}
