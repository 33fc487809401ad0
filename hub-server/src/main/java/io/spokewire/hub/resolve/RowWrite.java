package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.hub.resolve.rule.FieldRule;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction did to one row, seen as writes to fields. An insert writes every field, a
 * delete makes every field absent, an update writes what it changed; each of them writes the row's
 * existence. A change of key is a delete and an insert.
 */
final class RowWrite {
  enum Kind {
    INSERT,
    UPDATE,
    DELETE,
    /** A delete that named the table and not the row: it deletes what its site had seen. */
    TRUNCATE;

    private static final Kind[] BY_ORDINAL = values();

    static Kind of(int ordinal) {
      return BY_ORDINAL[ordinal];
    }
  }

  final Kind kind;
  final Shape shape;
  final RowKey key;
  final Tuple before;
  final Tuple after;

  /** Of the half of a change of key that deletes: the new key; of the other: the old one. */
  final @Nullable RowKey moved;

  /**
   * The fields written, existence included, and with any field of a group the whole group. Not
   * changed after construction.
   */
  final FieldSet fields;

  /** The fields it gives values of, existence included: without the rest of their groups. */
  final FieldSet given;

  RowWrite(Kind kind, Shape shape, RowKey key, Tuple before, Tuple after) {
    this(kind, shape, key, before, after, null);
  }

  RowWrite(Kind kind, Shape shape, RowKey key, Tuple before, Tuple after, @Nullable RowKey moved) {
    this.kind = kind;
    this.shape = shape;
    this.key = key;
    this.before = before;
    this.after = after;
    this.moved = moved;
    this.given = kind == Kind.UPDATE ? changed(shape, after) : everything(shape);
    this.fields = kind == Kind.UPDATE ? withGroups(shape, given) : given;
  }

  /** The same write in arrays of its own. */
  private RowWrite(RowWrite of) {
    this.kind = of.kind;
    this.shape = of.shape;
    this.key = of.key.detached();
    this.before = of.before.detached();
    this.after = of.after.detached();
    this.moved = of.moved == null ? null : of.moved.detached();
    this.given = of.given;
    this.fields = of.fields;
  }

  boolean exists() {
    return kind == Kind.INSERT || kind == Kind.UPDATE;
  }

  /** Whether it gives values of a group's columns and not of all of them. */
  boolean isPartOfGroup() {
    return fields != given && !fields.sameAs(given);
  }

  boolean isTruncation() {
    return kind == Kind.TRUNCATE;
  }

  /** Whether it makes a row that nobody knows who has not seen it. */
  boolean isNewRow() {
    return kind == Kind.INSERT && moved == null;
  }

  /** What it wrote, by column; null where it wrote nothing, ABSENT where it deleted. */
  @Nullable Field[] written() {
    @Nullable Field[] written = new Field[shape.columns()];
    if (!exists()) {
      Arrays.fill(written, Field.ABSENT);
      return written;
    }
    TupleReader reader = after.reader();
    while (reader.next()) {
      if (says(reader.tag())) {
        written[reader.ordinal()] = reader.field();
      }
    }
    return written;
  }

  /** What it wrote to the column of this name; ABSENT if nothing, or there is no such column. */
  Field valueOf(String column) {
    int ordinal = shape.schema.ordinalOf(column);
    TupleReader reader = after.reader();
    while (ordinal >= 0 && reader.next()) {
      if (reader.ordinal() == ordinal) {
        return says(reader.tag()) ? reader.field() : Field.ABSENT;
      }
    }
    return Field.ABSENT;
  }

  /** What it wrote to the column that the rule compares; ABSENT if the rule compares none. */
  Field stamp(FieldRule rule) {
    String column = rule.stampColumn();
    return column == null ? Field.ABSENT : valueOf(column);
  }

  /** What it wrote to columns whose values have an order; NONE if there are none. */
  Tuple comparable() {
    if (!shape.hasOrdered()) {
      return Tuple.NONE;
    }
    boolean any = false;
    ByteSink sink = new ByteSink(after.bytes().length());
    TupleWriter tuple = new TupleWriter(sink);
    TupleReader reader = after.reader();
    while (reader.next()) {
      if (says(reader.tag()) && shape.isOrdered(reader.ordinal())) {
        tuple.putEncoded(reader.encoded());
        any = true;
      } else {
        tuple.putUnchanged();
      }
    }
    return any ? new Tuple(sink.toBytes()) : Tuple.NONE;
  }

  /** The before image, by column; null where it says nothing. */
  @Nullable Field[] previous() {
    return present(before, shape.columns());
  }

  /** The fields of a tuple that hold a value or NULL; null elsewhere. */
  static @Nullable Field[] present(Tuple tuple, int columns) {
    @Nullable Field[] fields = new Field[columns];
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      if (reader.tag() == FieldTag.NULL || reader.tag() == FieldTag.VALUE) {
        fields[reader.ordinal()] = reader.field();
      }
    }
    return fields;
  }

  /** The same write in arrays of its own, to be kept in the window. */
  RowWrite detached() {
    return new RowWrite(this);
  }

  private static FieldSet changed(Shape shape, Tuple after) {
    FieldSet set = FieldSet.of(Shape.EXISTENCE);
    TupleReader reader = after.reader();
    while (reader.next()) {
      if (says(reader.tag())) {
        set.add(shape.field(reader.ordinal()));
      }
    }
    return set;
  }

  private static FieldSet withGroups(Shape shape, FieldSet given) {
    FieldSet all = given;
    for (int i = 0; i < shape.columns(); i++) {
      Shape.FieldGroup group = shape.group(i);
      if (group != null && given.contains(shape.field(i))) {
        all = all == given ? given.copy() : all;
        all.addAll(group.fields());
      }
    }
    return all;
  }

  private static FieldSet everything(Shape shape) {
    FieldSet set = FieldSet.of(Shape.EXISTENCE);
    for (int i = 0; i < shape.columns(); i++) {
      set.add(shape.field(i));
    }
    return set;
  }

  private static boolean says(FieldTag tag) {
    return tag == FieldTag.NULL || tag == FieldTag.VALUE;
  }
}
