package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SchemaId;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what everybody is sent after a write was settled: the others what changed for them,
 * the origin what its database may lack.
 */
final class Answering {
  private static final @Nullable Field[] NOBODY_ASKS = {};

  private final Mark mark;
  private final RowWindow row;
  private final RowWrite write;
  private final WriterRow held;
  private final boolean exists;
  private final boolean existedBefore;
  private final @Nullable Field[] settled;
  private final @Nullable Bytes[] deltas;
  private final @Nullable Field[] previous;
  private Bytes forOthers = Bytes.EMPTY;
  private Bytes forOrigin = Bytes.EMPTY;
  private Delivery toOthers = Delivery.NONE;
  private Delivery toOrigin = Delivery.NONE;
  private Tuple whole = Tuple.NONE;

  private Answering(Mark mark, RowWindow row, RowWrite write, WriterRow held, Settled of) {
    this.mark = mark;
    this.row = row;
    this.write = write;
    this.held = held;
    this.exists = of.exists;
    this.existedBefore = of.existedBefore;
    this.settled = of.values;
    this.deltas = of.deltas;
    this.previous = of.previous;
  }

  /**
   * What was settled.
   *
   * @param exists whether the row exists now
   * @param existedBefore whether it did for everybody but the origin
   * @param values by column: the value now, ABSENT if there is none; null where nothing was written
   * @param deltas by column: what an adding field grew by; null elsewhere
   * @param previous by column: the write's before image; null where it says nothing
   */
  record Settled(
      boolean exists,
      boolean existedBefore,
      @Nullable Field[] values,
      @Nullable Bytes[] deltas,
      @Nullable Field[] previous) {}

  /**
   * @param row as it is before the write enters it
   * @param held what the writer's site holds
   */
  static Answers after(Mark mark, RowWindow row, RowWrite write, WriterRow held, Settled settled) {
    Answering answering = new Answering(mark, row, write, held, settled);
    answering.answerOthers();
    answering.answerOrigin();
    return new Answers(
        answering.forOthers,
        answering.forOrigin,
        answering.toOthers,
        answering.toOrigin,
        answering.whole);
  }

  private void answerOthers() {
    if (!exists) {
      if (existedBefore || write.isTruncation()) {
        forOthers = Answers.encode(deletion(known()));
        toOthers = Delivery.WHOLE;
      }
      return;
    }
    if (!existedBefore || write.kind == RowWrite.Kind.INSERT || (mark.isOfHub() && knowsAll())) {
      forOthers = Answers.encode(wholeRow(existedBefore, known()));
      toOthers = Delivery.WHOLE;
      return;
    }
    FieldSet absolute = new FieldSet();
    FieldSet added = new FieldSet();
    @Nullable Field[] changed = new Field[settled.length];
    for (int i = 0; i < settled.length; i++) {
      int field = write.shape.field(i);
      Field value = settled[i];
      Bytes delta = deltas[i];
      if (delta != null) {
        changed[i] = Field.ofDelta(delta);
        added.add(field);
      } else if (value != null && value.isPresent() && othersLack(i, field, value)) {
        changed[i] = value;
        absolute.add(field);
      }
    }
    toOthers = Delivery.ofFields(absolute, added);
    if (!toOthers.isNothing()) {
      forOthers = Answers.encode(update(absolute, known(), Tuple.of(changed, Field.UNCHANGED)));
    }
  }

  private void answerOrigin() {
    boolean existenceInDoubt =
        exists != write.exists() || row.hasUnseenOverwrite(Shape.EXISTENCE, mark);
    if (!exists) {
      if (existenceInDoubt) {
        forOrigin = Answers.encode(deletion(leftAtOrigin()));
        toOrigin = Delivery.WHOLE;
      }
      return;
    }
    if (existenceInDoubt) {
      forOrigin = Answers.encode(wholeRow(write.exists(), leftAtOrigin()));
      toOrigin = Delivery.WHOLE;
      return;
    }
    FieldSet absolute = new FieldSet();
    @Nullable Field[] lacking = new Field[settled.length];
    for (int i = 0; i < settled.length; i++) {
      Field value = settled[i];
      if (value != null && value.isPresent() && originLacks(i, value)) {
        lacking[i] = value;
        absolute.add(write.shape.field(i));
      }
    }
    toOrigin = Delivery.ofFields(absolute, new FieldSet());
    if (!toOrigin.isNothing()) {
      forOrigin =
          Answers.encode(update(absolute, leftAtOrigin(), Tuple.of(lacking, Field.UNCHANGED)));
    }
  }

  /** Whether anybody else may hold something else in this column than what was settled. */
  private boolean othersLack(int ordinal, int field, Field value) {
    Field before = valueBefore(ordinal, field);
    return before == null ? isWritten(field) : !value.equals(before);
  }

  /** Of a group, whose other columns are settled with it: one that nobody wrote needs no answer. */
  private boolean isWritten(int field) {
    return write.given.contains(field);
  }

  /** Whether the origin's database may hold something else in this column than what was settled. */
  private boolean originLacks(int ordinal, Field value) {
    int field = write.shape.field(ordinal);
    if (deltas[ordinal] != null) {
      return row.hasUnseenOverwrite(field, mark);
    }
    Field here = held.in(ordinal);
    boolean differs = here == null ? isWritten(field) : !value.equals(here);
    return differs
        || (write.shape.rule(ordinal).addsUp()
            ? row.hasUnseenTouch(field, mark)
            : row.hasUnseenOverwrite(field, mark));
  }

  /** What everybody else had in this column before this write, as far as it is known. */
  private @Nullable Field valueBefore(int ordinal, int field) {
    Field known = row.valueOf(field);
    return known != null ? known : previous[ordinal];
  }

  /** What everybody else had in this row before this write; nothing where nobody asks. */
  private @Nullable Field[] known() {
    if (!write.shape.protectsPending) {
      return NOBODY_ASKS;
    }
    @Nullable Field[] values = new Field[settled.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = valueBefore(i, write.shape.field(i));
    }
    return values;
  }

  /**
   * What the origin's database holds once this write was its last one: the value that tells it that
   * nothing of its own is pending. Nothing for a sum on whose way something else is: its value
   * there is not known here.
   */
  private @Nullable Field[] leftAtOrigin() {
    @Nullable Field[] values = known();
    for (int i = 0; i < values.length; i++) {
      Field own = write.fields.contains(write.shape.field(i)) ? held.in(i) : null;
      if (own != null && own.isPresent()) {
        values[i] = write.shape.rule(i).addsUp() ? sumAtOrigin(i, own) : own;
      }
    }
    return values;
  }

  private @Nullable Field sumAtOrigin(int ordinal, Field own) {
    int field = write.shape.field(ordinal);
    if (deltas[ordinal] != null) {
      return row.hasUnseenOverwrite(field, mark) ? null : settled[ordinal];
    }
    return row.hasUnseenTouch(field, mark) ? null : own;
  }

  private RowChange deletion(@Nullable Field[] previousRow) {
    return new RowChange.Delete(write.shape.schema.id(), write.key, image(previousRow, i -> true));
  }

  private RowChange update(FieldSet replaced, @Nullable Field[] previousRow, Tuple after) {
    Tuple before = image(previousRow, i -> replaced.contains(write.shape.field(i)));
    return new RowChange.Update(write.shape.schema.id(), write.key, before, after);
  }

  /** The fields that are asked for, ABSENT where they are not known; none if nobody asks. */
  private Tuple image(@Nullable Field[] row, IntPredicate isAsked) {
    if (!write.shape.protectsPending) {
      return Tuple.NONE;
    }
    @Nullable Field[] asked = row.clone();
    for (int i = 0; i < row.length; i++) {
      if (!isAsked.test(i)) {
        asked[i] = Field.UNCHANGED;
      }
    }
    return Tuple.of(asked, Field.ABSENT);
  }

  private boolean knowsAll() {
    for (int i = 0; i < settled.length; i++) {
      Field value = settled[i];
      if ((value == null || !value.isPresent()) && valueBefore(i, write.shape.field(i)) == null) {
        return false;
      }
    }
    return true;
  }

  /**
   * The row as a whole; a site that has set changes of the row aside takes it in their place. Over
   * a row that is there, it says what it replaces, where that is asked for.
   */
  private RowChange wholeRow(boolean replaces, @Nullable Field[] previousRow) {
    Tuple complete = completeRow();
    SchemaId schema = write.shape.schema.id();
    return replaces && write.shape.protectsPending
        ? new RowChange.KeyChange(
            schema, write.key, write.key, image(previousRow, i -> true), complete)
        : new RowChange.Insert(schema, write.key, complete);
  }

  private Tuple completeRow() {
    @Nullable Field[] complete = new Field[settled.length];
    for (int i = 0; i < settled.length; i++) {
      Field value = settled[i];
      if (value == null || !value.isPresent()) {
        value = valueBefore(i, write.shape.field(i));
      }
      if (value == null && row.hasShapeWithout(write.shape.field(i))) {
        value = Field.ABSENT; // a site without this column had its say; others fill in the default
      }
      if (value == null) {
        throw Fault.invariant(
            "whole row",
            "no value known for "
                + row.table.name
                + "."
                + write.shape.schema.columns().get(i).name()
                + " of a row that must be sent whole at "
                + mark.position());
      }
      complete[i] = value;
    }
    whole = Tuple.of(complete, Field.ABSENT);
    return whole;
  }
}
