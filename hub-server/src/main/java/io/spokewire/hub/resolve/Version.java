package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.Sibling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One write to a row that is still in the window: the write, and what came of it. */
final class Version {
  /**
   * What a version takes in memory beside the bytes of its values, for a 64-bit JVM with compressed
   * references. Found by filling windows: right to a few percent, rather too much.
   */
  private static final int OBJECT_BYTES = 430;

  final RowWindow row;
  final Mark mark;
  final RowWrite write;

  /** Fields for which no later write had seen this one. Shrinks as later writes come. */
  final FieldSet sibling;

  /** What was sent to every spoke but the origin. */
  final Delivery toOthers;

  final Delivery toOrigin;

  /** Whether the row exists after it. */
  final boolean exists;

  /** The written fields' values after it, by column of the write's schema; ABSENT: none. */
  private final Tuple result;

  /**
   * The whole row as it was sent, if it was; NONE otherwise. While somebody may not have seen it,
   * the row may have to be sent whole again, and what it was made from may be forgotten by then.
   */
  private final Tuple whole;

  /** What its site held in columns of a group that it did not write, ABSENT elsewhere; or NONE. */
  private final Tuple held;

  Version(
      RowWindow row,
      Mark mark,
      RowWrite write,
      FieldSet sibling,
      Delivery toOthers,
      Delivery toOrigin,
      boolean exists,
      Tuple result,
      Tuple whole,
      Tuple held) {
    this.row = row;
    this.mark = mark;
    this.write = write;
    this.sibling = sibling;
    this.toOthers = toOthers;
    this.toOrigin = toOrigin;
    this.exists = exists;
    this.result = result;
    this.whole = whole;
    this.held = held;
  }

  long number() {
    return mark.number();
  }

  Tuple result() {
    return result;
  }

  Tuple whole() {
    return whole;
  }

  Tuple held() {
    return held;
  }

  /** About how much memory it holds; does not change. */
  int bytes() {
    int values = write.key.bytes().length() + write.before.bytes().length();
    values += write.after.bytes().length() + whole.bytes().length() + held.bytes().length();
    return OBJECT_BYTES + values + (result == write.after ? 0 : result.bytes().length());
  }

  /** What it sent to this writer's spoke. */
  Delivery deliveryTo(Writer writer) {
    if (mark.writer().equals(writer)) {
      return toOrigin;
    }
    return mark.spoke().equals(writer.spoke()) ? toLaterLife() : toOthers;
  }

  /** What its spoke is sent once its database went back; see RowResolution.forEarlierLife. */
  private Delivery toLaterLife() {
    if (!exists || toOrigin == Delivery.WHOLE || toOthers == Delivery.WHOLE) {
      return Delivery.WHOLE;
    }
    FieldSet absolute = new FieldSet();
    TupleReader reader = result.reader();
    while (reader.next()) {
      if (reader.tag() == FieldTag.NULL || reader.tag() == FieldTag.VALUE) {
        absolute.add(write.shape.field(reader.ordinal()));
      }
    }
    return Delivery.ofFields(absolute, new FieldSet());
  }

  /** The field's value after this write; null if it says nothing of it or made it absent. */
  @Nullable Field valueOf(int field) {
    int ordinal = write.shape.ordinalOf(field);
    Field after = ordinal < 0 ? null : at(result, ordinal);
    return after != null || ordinal < 0 ? after : at(whole, ordinal);
  }

  /** The field's value before this write, from its before image; null if that says nothing. */
  @Nullable Field valueBefore(int field) {
    int ordinal = write.shape.ordinalOf(field);
    return ordinal < 0 ? null : at(write.before, ordinal);
  }

  /**
   * What its site held in a field of a group that it did not write itself; null if that is not
   * known.
   */
  @Nullable Field heldValueOf(int field) {
    int ordinal = write.shape.ordinalOf(field);
    return ordinal < 0 ? null : at(held, ordinal);
  }

  /** What this write wrote to the field: a value, NULL, or ABSENT for a delete. */
  Field written(int field) {
    if (!write.exists()) {
      return Field.ABSENT;
    }
    Field value = at(write.after, write.shape.ordinalOf(field));
    return value == null ? Field.ABSENT : value;
  }

  /**
   * Whether this write stands and another one gives way, where one of two whole writes must.
   *
   * @param rule one that chooses a write
   */
  boolean beats(Mark otherMark, RowWrite other, FieldRule rule) {
    Field us = FieldImage.EXISTS;
    Field them = FieldImage.IS_GONE;
    List<Sibling> ballot =
        List.of(asSibling(us, write.stamp(rule)), otherMark.sibling(them, other.stamp(rule)));
    return rule.settle(ballot).equals(us);
  }

  Sibling asSibling(Field value, Field stamp) {
    return mark.sibling(value, stamp);
  }

  private static @Nullable Field at(Tuple tuple, int ordinal) {
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      if (reader.ordinal() == ordinal) {
        boolean says = reader.tag() == FieldTag.NULL || reader.tag() == FieldTag.VALUE;
        return says ? reader.field() : null;
      }
    }
    return null;
  }
}
