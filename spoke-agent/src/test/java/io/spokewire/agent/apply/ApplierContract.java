package io.spokewire.agent.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every applier must do, whatever the database. One subclass per engine and version. */
public abstract class ApplierContract {
  protected static final Position ZERO =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);

  protected final SchemaBook book = new SchemaBook();
  protected final List<AppliedMarker> markers = new ArrayList<>();
  protected final Rows orders =
      Rows.of("orders", 1, "id:INTEGER:bigint", "status:TEXT:text", "total:DECIMAL:numeric(12,2)");
  protected final Rows items =
      Rows.of("items", 2, "order_id:INTEGER:bigint", "line:INTEGER:integer", "sku:TEXT:text");
  protected volatile PendingDeletes.Verdict verdict = PendingDeletes.Verdict.UNEXPLAINED;
  protected volatile boolean guarded;
  protected volatile Optional<Sequence> captured = Optional.empty();
  protected final List<String> drifted = new ArrayList<>();
  protected Applier applier;
  protected long position;

  /** Opens an applier for the fixture's database, with tables {@code orders} and {@code items}. */
  protected abstract Applier open();

  /** Makes both tables anew, empty: orders(id, status, total), items(order_id, line, sku). */
  protected abstract void createTables() throws Exception;

  /** Runs statements as a user of the site. */
  protected abstract void execute(String sql) throws Exception;

  /** The result as text: columns joined by a bar, in the query's order. */
  protected abstract List<String> query(String sql) throws Exception;

  /** Cuts the applier's connection from outside. */
  protected abstract void cutConnections() throws Exception;

  @BeforeEach
  void openApplier() throws Exception {
    createTables();
    book.add(orders.schema());
    book.add(items.schema());
    applier = open();
  }

  @AfterEach
  void closeApplier() {
    applier.close();
  }

  @Test
  void rowsAndCheckpointAreThereTogether() throws Exception {
    assertThat(applier.checkpoint()).isEmpty();

    Applier.ApplyResult result = apply(orders.insert(1, "new", "10.50"), items.insert(1, 1, "a"));
    assertThat(query("SELECT error FROM spokewire.parked")).isEmpty();

    assertThat(result.rows()).isEqualTo(2);
    assertThat(result.parked()).isZero();
    assertThat(query("SELECT * FROM orders")).containsExactly("1|new|10.50");
    assertThat(query("SELECT * FROM items")).containsExactly("1|1|a");
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
    applier.close();
    applier = open();
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
  }

  @Test
  void aBatchWithoutRowsMovesTheCheckpointUnderAMarker() {
    applier.apply(new ApplyBatch(ZERO.at(1), ZERO.at(7), List.of(), Sequence.NONE));

    assertThat(applier.checkpoint()).contains(ZERO.at(7));
    assertThat(markers).containsExactly(new AppliedMarker(ZERO.at(1), ZERO.at(7), List.of()));
  }

  @Test
  void aBatchThatLeavesAGapIsRefused() {
    apply(orders.insert(1, "new", "1"));
    position = 5;

    assertThatThrownBy(() -> apply(orders.insert(2, "new", "1"))).isInstanceOf(Fault.class);
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
  }

  @Test
  void everyKindOfChangeReachesItsRow() throws Exception {
    apply(
        orders.insert(1, "new", "10.50"),
        orders.insert(2, null, null),
        orders.insert(3, "c", "1"),
        items.insert(1, 1, "a"),
        items.insert(1, 2, "b"));
    apply(
        orders.update(1, "paid", Rows.SAME),
        orders.update(3, Rows.SAME, new Rows.Plus("2.25")),
        orders.delete(2),
        orders.keyChange(1, 10, "paid", "10.50"),
        items.delete(1, 2),
        items.update(1, 1, null));

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("3|c|3.25", "10|paid|10.50");
    assertThat(query("SELECT * FROM items")).containsExactly("1|1|null");
  }

  @Test
  void anInsertOfAPresentRowOverwritesIt() throws Exception {
    execute("INSERT INTO orders VALUES (1, 'local', 5)");

    apply(orders.insert(1, "hub", null));

    assertThat(query("SELECT * FROM orders")).containsExactly("1|hub|null");
  }

  @Test
  void aDeleteOfAMissingRowIsNothing() {
    assertThat(apply(orders.delete(1)).parked()).isZero();
  }

  @Test
  void manyTransactionsAndManyRowsGoInOneBatch() throws Exception {
    List<ApplyBatch.Entry> entries = new ArrayList<>();
    for (int i = 1; i <= 5_000; i++) {
      entries.add(entry(i, orders.insert(i, "s" + i, i), items.insert(i, 1, "x")));
    }
    for (int i = 1; i <= 5_000; i++) {
      entries.add(entry(5_000 + i, orders.update(i, "t", Rows.SAME), items.delete(i, 1)));
    }
    applier.apply(new ApplyBatch(ZERO.at(1), ZERO.at(10_000), entries, Sequence.NONE));

    assertThat(query("SELECT count(*), sum(total) FROM orders WHERE status = 't'"))
        .containsExactly("5000|12502500.00");
    assertThat(query("SELECT count(*) FROM items")).containsExactly("0");
  }

  @Test
  void aRefusedRowIsParkedAndTheOthersGoOn() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      changes.add(orders.insert(i, "s", i == 1_234 ? "5000" : "1"));
    }

    Applier.ApplyResult result = apply(changes.toArray(RowChange[]::new));

    assertThat(result.parked()).isEqualTo(1);
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("2999");
    assertThat(markers.getLast().unseen())
        .containsExactly(new Context.Unseen(orders.schema().table(), orders.key(1_234).bytes(), 0));
  }

  @Test
  void laterChangesOfAParkedRowWaitBehindItAndFollowOnceItIsMended() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    apply(orders.insert(1, "s", "1"), orders.insert(2, "s", "1"));
    apply(orders.update(1, Rows.SAME, "5000"));
    assertThat(
            apply(orders.update(1, "later", Rows.SAME), orders.update(2, "b", Rows.SAME)).parked())
        .isEqualTo(2);
    assertThat(query("SELECT * FROM orders ORDER BY id")).containsExactly("1|s|1.00", "2|b|1.00");

    execute("ALTER TABLE orders DROP CONSTRAINT small");
    assertThat(retry()).isZero();

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|later|5000.00", "2|b|1.00");
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(markers.getLast().first()).isEqualTo(ZERO.at(3));
    assertThat(markers.getLast().last()).isEqualTo(ZERO.at(3));
  }

  @Test
  void parkedRowsOutliveTheApplier() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    apply(orders.insert(1, "s", "5000"));
    applier.close();
    applier = open();

    assertThat(apply(orders.insert(2, "s", "1")).parked()).isEqualTo(1);
    assertThat(markers.getLast().unseen()).hasSize(1);
    assertThat(query("SELECT id FROM orders")).containsExactly("2");
  }

  @Test
  void aCompleteRowTakesThePlaceOfWhatWaits() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    apply(orders.insert(1, "s", "1"));
    apply(orders.update(1, Rows.SAME, "5000"));

    assertThat(apply(orders.insert(1, "whole", "2")).parked()).isZero();

    assertThat(query("SELECT * FROM orders")).containsExactly("1|whole|2.00");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aMissingRowIsDriftWhenNoDeleteExplainsIt() throws Exception {
    Applier.ApplyResult result =
        apply(orders.update(1, "x", Rows.SAME), orders.insert(2, "s", "1"));

    assertThat(result.parked()).isEqualTo(1);
    assertThat(query("SELECT id FROM orders")).containsExactly("2");
    assertThat(query("SELECT reason FROM spokewire.parked")).containsExactly("drift");
  }

  @Test
  void whatTheHubWritesToARowThatIsGoneIsNothing() {
    position++;
    ApplyBatch.Entry mended =
        new ApplyBatch.Entry(
            ZERO.at(position),
            SpokeId.HUB,
            new Sequence(1),
            Rows.chunks(orders.update(1, "x", Rows.SAME)));

    assertThat(
            applier
                .apply(
                    new ApplyBatch(
                        ZERO.at(position), ZERO.at(position), List.of(mended), Sequence.NONE))
                .parked())
        .isZero();
  }

  @Test
  void aRefusedChangeGoesThroughWithTheOneThatMendsIt() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT one_of_each UNIQUE (status)");
    apply(orders.insert(1, "taken", "1"), orders.insert(2, "free", "1"));
    assertThat(apply(orders.update(2, "taken", Rows.SAME)).parked()).isEqualTo(1);
    assertThat(apply(orders.update(2, "mended", Rows.SAME)).parked()).isEqualTo(2);

    assertThat(retry()).isZero();
    assertThat(query("SELECT id, status FROM orders ORDER BY id"))
        .containsExactly("1|taken", "2|mended");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aMissingRowThatALocalDeleteExplainsIsLeftToTheHub() {
    verdict = PendingDeletes.Verdict.EXPLAINED;

    assertThat(apply(orders.update(1, "x", Rows.SAME)).parked()).isZero();
  }

  @Test
  void aMissingRowIsASuspectUntilCaptureCanTell() throws Exception {
    verdict = PendingDeletes.Verdict.UNDECIDED;
    assertThat(apply(orders.update(1, "x", Rows.SAME)).parked()).isEqualTo(1);
    assertThat(query("SELECT reason FROM spokewire.parked")).containsExactly("suspect");
    assertThat(applier.oldestSuspect()).contains(Sequence.NONE);
    assertThat(retry()).isEqualTo(1);

    verdict = PendingDeletes.Verdict.EXPLAINED;
    assertThat(retry()).isZero();
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(applier.oldestSuspect()).isEmpty();
  }

  @Test
  void aRowThatTheSiteInsertedAgainGetsTheChangeThatWaited() throws Exception {
    verdict = PendingDeletes.Verdict.UNDECIDED;
    assertThat(apply(orders.update(1, "x", Rows.SAME)).parked()).isEqualTo(1);
    execute("INSERT INTO orders VALUES (1, 'again', 5)");

    verdict = PendingDeletes.Verdict.EXPLAINED;
    assertThat(retry()).isZero();
    assertThat(query("SELECT status FROM orders")).containsExactly("x");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void rowsOfATableThatLacksAColumnWaitForIt() throws Exception {
    Rows wider =
        Rows.of(
            "orders",
            1,
            "id:INTEGER:bigint",
            "status:TEXT:text",
            "total:DECIMAL:numeric(12,2)",
            "note:TEXT:text");
    book.add(wider.schema());

    assertThat(apply(wider.insert(1, "s", "1", "n"), items.insert(1, 1, "a")).parked())
        .isEqualTo(1);
    assertThat(query("SELECT count(*) FROM items")).containsExactly("1");
    assertThat(markers.getLast().unseen().getFirst().key()).isNull();

    execute("ALTER TABLE orders ADD COLUMN note text");
    assertThat(retry()).isZero();
    assertThat(query("SELECT * FROM orders")).containsExactly("1|s|1.00|n");
  }

  @Test
  void aTruncateLeavesTheRowsThatItNames() throws Exception {
    apply(orders.insert(1, "s", "1"), orders.insert(2, "s", "1"), orders.insert(3, "s", "1"));
    apply(
        orders.insert(4, "s", "1"),
        orders.truncate(orders.key(3), orders.key(9)),
        orders.insert(5, "s", "1"));

    assertThat(query("SELECT id FROM orders ORDER BY id")).containsExactly("3", "5");
    apply(orders.truncate());
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("0");
    assertThat(applier.checkpoint()).contains(ZERO.at(3));
  }

  @Test
  void aTruncateEndsWhatWaitsForTheRowsThatGo() throws Exception {
    assertThat(apply(orders.update(1, "lost", Rows.SAME), orders.update(2, "kept", "1")).parked())
        .isEqualTo(2);

    assertThat(apply(orders.truncate(orders.key(2))).parked()).isEqualTo(1);
    assertThat(markers.getLast().unseen())
        .extracting(Context.Unseen::key)
        .containsExactly(orders.key(2).bytes());
  }

  @Test
  void aCutConnectionHealsAndLeavesTheOldCheckpoint() throws Exception {
    apply(orders.insert(1, "s", "1"));
    cutConnections();

    assertThatThrownBy(() -> apply(orders.insert(2, "s", "1")))
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());

    position = applier.checkpoint().orElseThrow().number();
    assertThat(position).isEqualTo(1);
    apply(orders.insert(2, "s", "1"));
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("2");
  }

  @Test
  void aFieldThatTheSiteHasWrittenStaysUntilTheHubAnswersThatWrite() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");

    apply(orders.updateOver(List.of(Rows.SAME, "new", "10"), 1, "theirs", "20"));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|mine|20.00");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, "status", 1));
    assertThat(applier.kept()).isEqualTo(1);

    answer(1, orders.updateOver(List.of(Rows.SAME, "mine", Rows.SAME), 1, "both", Rows.SAME));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|both|20.00");
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(query("SELECT * FROM spokewire.exception")).isEmpty();
  }

  @Test
  void anAnswerToAnOlderWriteDoesNotUndoANewerOne() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    execute("UPDATE orders SET status = 'mine again'");

    answer(1, orders.updateOver(List.of(Rows.SAME, "mine", Rows.SAME), 1, "both", Rows.SAME));
    assertThat(query("SELECT status FROM orders")).containsExactly("mine again");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, "status", 1));

    answer(2, orders.updateOver(List.of(Rows.SAME, "mine again", Rows.SAME), 1, "z", Rows.SAME));
    assertThat(query("SELECT status FROM orders")).containsExactly("z");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void whereNothingIsProtectedTheHubsValueIsWrittenAtOnce() throws Exception {
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");

    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    apply(orders.replace(Arrays.asList(1, "theirs", "10"), 1, "whole", null));

    assertThat(query("SELECT * FROM orders")).containsExactly("1|whole|null");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aDeleteOfARowThatTheSiteHasWrittenWaitsAsAWhole() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute("UPDATE orders SET status = 'mine' WHERE id = 1");

    apply(orders.deleteOver(1, "new", "10"), orders.deleteOver(2, "new", "10"));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|mine|10.00");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 1));

    answer(1, orders.deleteOver(1, "mine", "10"));
    assertThat(query("SELECT * FROM orders")).isEmpty();
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aNewRowLeavesOneThatTheSiteHasInserted() throws Exception {
    guarded = true;
    execute("INSERT INTO orders VALUES (1, 'mine', 5)");

    apply(orders.insert(1, "theirs", null), orders.insert(2, "theirs", null));
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|5.00", "2|theirs|null");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 0));

    answer(1, orders.replace(List.of(1, "mine", "5"), 1, "both", "5"));
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|both|5.00", "2|theirs|null");
    assertThat(applier.kept()).isZero();
  }

  @Test
  void aWholeRowIsNotWrittenOverARowThatTheSiteHasDeleted() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("DELETE FROM orders");

    apply(orders.replace(List.of(1, "new", "10"), 1, "theirs", "10"));

    assertThat(query("SELECT * FROM orders")).isEmpty();
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 1));
  }

  @Test
  void whatIsAddedIsAddedOnceBesideAFieldThatStays() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute("UPDATE orders SET status = 'mine', total = total + 1 WHERE id = 1");
    List<Object> before = List.of(Rows.SAME, "new", Rows.SAME);

    apply(
        orders.updateOver(before, 1, "theirs", new Rows.Plus("5")),
        orders.updateOver(before, 2, "theirs", new Rows.Plus("5")));

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|16.00", "2|theirs|15.00");
  }

  @Test
  void changesOfARowThatWaitsAsAWholeGoIntoWhatIsWrittenInTheEnd() throws Exception {
    guarded = true;
    execute("INSERT INTO orders VALUES (1, 'mine', 5)");
    apply(orders.insert(1, "theirs", "7"));
    apply(orders.updateOver(List.of(Rows.SAME, "theirs", Rows.SAME), 1, "later", Rows.SAME));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|mine|5.00");

    captured = Optional.of(new Sequence(3));
    answer(2);
    assertThat(query("SELECT * FROM orders")).as("3 is pending yet").containsExactly("1|mine|5.00");
    answer(3);
    assertThat(query("SELECT * FROM orders")).containsExactly("1|later|7.00");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aValueThatNobodyWroteIsOverwrittenOnceThatIsSureAndSaid() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'drift'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "hub", Rows.SAME));
    assertThat(retry()).isZero();
    assertThat(query("SELECT status FROM orders")).as("capture is behind").containsExactly("drift");

    captured = Optional.of(new Sequence(0));
    retry();
    assertThat(query("SELECT status FROM orders")).containsExactly("hub");
    assertThat(drifted).containsExactly("orders.status");
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(markers.getLast().first()).isEqualTo(ZERO.at(2));
  }

  @Test
  void whatTheSiteWritesMeanwhileIsWaitedForAnew() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    captured = Optional.of(new Sequence(1));
    execute("UPDATE orders SET status = 'mine again'");

    answer(1);
    assertThat(query("SELECT status FROM orders")).containsExactly("mine again");
    captured = Optional.of(new Sequence(2));
    answer(1);
    assertThat(query("SELECT status FROM orders")).containsExactly("mine again");
    answer(2);
    assertThat(query("SELECT status FROM orders")).containsExactly("theirs");
  }

  @Test
  void whatIsKeptOutlivesTheApplier() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    applier.close();
    applier = open();

    apply(orders.insert(2, "x", "1"));
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, "status", 1));
    answer(1, orders.updateOver(List.of(Rows.SAME, "mine", Rows.SAME), 1, "both", Rows.SAME));
    assertThat(query("SELECT status FROM orders WHERE id = 1")).containsExactly("both");
    assertThat(applier.kept()).isZero();
  }

  @Test
  void aRefusedBatchKeepsWhatItKeepsOnce() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute(
        "UPDATE orders SET status = 'mine' WHERE id = 1;"
            + "ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");

    Applier.ApplyResult result =
        apply(
            orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME),
            orders.updateOver(List.of(Rows.SAME, Rows.SAME, "10"), 2, Rows.SAME, "5000"));

    assertThat(result.parked()).isEqualTo(1);
    assertThat(applier.kept()).isEqualTo(1);
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|10.00", "2|new|10.00");
    assertThat(markers.getLast().unseen())
        .containsExactlyInAnyOrder(unseen(1, "status", 1), unseen(2, null, 1));
  }

  @Test
  void aChangeOfKeyLeavesARowThatTheSiteHasWritten() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute("UPDATE orders SET status = 'mine' WHERE id = 1");

    apply(
        orders.keyChangeOver(List.of(1, "new", "10"), 11, "new", "10"),
        orders.keyChangeOver(List.of(2, "new", "10"), 12, "new", "10"));

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|10.00", "11|new|10.00", "12|new|10.00");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 1));
  }

  private Context.Unseen unseen(Object key, @Nullable String field, long low) {
    return new Context.Unseen(orders.schema().table(), orders.key(key).bytes(), field, low);
  }

  /** What the hub says of this site's own transaction. */
  private void answer(long own, RowChange... changes) {
    position++;
    applier.apply(
        new ApplyBatch(
            ZERO.at(position),
            ZERO.at(position),
            changes.length == 0
                ? List.of()
                : List.of(
                    new ApplyBatch.Entry(
                        ZERO.at(position),
                        new SpokeId("lisbon"),
                        new Sequence(own),
                        Rows.chunks(changes))),
            new Sequence(own)));
  }

  protected final Applier.ApplyResult apply(RowChange... changes) {
    position++;
    return applier.apply(
        new ApplyBatch(
            ZERO.at(position),
            ZERO.at(position),
            List.of(entry(position, changes)),
            Sequence.NONE));
  }

  protected final ApplyBatch.Entry entry(long at, RowChange... changes) {
    return new ApplyBatch.Entry(
        ZERO.at(at), new SpokeId("porto"), new Sequence(at), Rows.chunks(changes));
  }

  /** Tries parked rows again; the fixture's settings make them always due. */
  protected final long retry() {
    return applier.retryParked(Sequence.NONE);
  }
}
