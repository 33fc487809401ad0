package io.spokewire.agent.apply;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;

/**
 * Which columns a change writes, and how: one byte for each column of the incoming shape. Changes
 * of one table with equal write sets fit one statement. Immutable.
 */
public record WriteSet(Bytes actions) {
  /** Deletes, truncates: no column. */
  public static final WriteSet NOTHING = new WriteSet(Bytes.EMPTY);

  static final byte KEEP = 0;
  static final byte ASSIGN = 1;
  static final byte ADD = 2;
  static final byte ASSIGN_OVER = 3;
  static final byte COMPARE = 4;

  /**
   * What the fields of {@code tuple} ask for where a value is written only over the one that it
   * replaces, as far as {@code before} says which that is.
   */
  static WriteSet guarded(Tuple tuple, Tuple before, int columns) {
    byte[] actions = of(tuple, columns).actions.toByteArray();
    TupleReader reader = before.reader();
    while (reader.next()) {
      if (isKnown(reader.tag()) && actions[reader.ordinal()] == ASSIGN) {
        actions[reader.ordinal()] = ASSIGN_OVER;
      }
    }
    return new WriteSet(Bytes.wrap(actions));
  }

  /** A delete of the row that {@code before} shows; {@link #NOTHING} if it shows nothing. */
  public static WriteSet deletes(Tuple before, int columns) {
    byte[] actions = new byte[columns];
    boolean any = false;
    TupleReader reader = before.reader();
    while (reader.next()) {
      if (isKnown(reader.tag())) {
        actions[reader.ordinal()] = COMPARE;
        any = true;
      }
    }
    return any ? new WriteSet(Bytes.wrap(actions)) : NOTHING;
  }

  private static boolean isKnown(FieldTag tag) {
    return tag == FieldTag.NULL || tag == FieldTag.VALUE;
  }

  /** One column alone. */
  public static WriteSet only(int ordinal, TableSchema schema) {
    byte[] actions = new byte[schema.columns().size()];
    actions[ordinal] = ASSIGN;
    return new WriteSet(Bytes.wrap(actions));
  }

  /** What the fields of {@code tuple} ask for. */
  static WriteSet of(Tuple tuple, int columns) {
    byte[] actions = new byte[columns];
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      if (reader.ordinal() >= columns) {
        throw new MalformedBytesException("a row of more than " + columns + " fields");
      }
      actions[reader.ordinal()] = actionOf(reader.tag());
    }
    if (reader.ordinal() != columns - 1) {
      throw new MalformedBytesException(
          "a row of " + (reader.ordinal() + 1) + " fields for " + columns + " columns");
    }
    return new WriteSet(Bytes.wrap(actions));
  }

  private static byte actionOf(FieldTag tag) {
    return switch (tag) {
      case NULL, VALUE -> ASSIGN;
      case DELTA -> ADD;
      case ABSENT, UNCHANGED -> KEEP;
      case PREVIOUS -> throw new MalformedBytesException("a previous value in a row to be applied");
    };
  }

  /** Whether the column is written at all. */
  public boolean writes(int ordinal) {
    return actions.at(ordinal) != KEEP && actions.at(ordinal) != COMPARE;
  }

  /** Whether the column must hold the previous value for the change to be made. */
  public boolean compares(int ordinal) {
    return actions.at(ordinal) == ASSIGN_OVER || actions.at(ordinal) == COMPARE;
  }

  /** Whether any column must. */
  public boolean comparesAny() {
    for (int i = 0; i < actions.length(); i++) {
      if (compares(i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether any column is added to. */
  public boolean addsAny() {
    for (int i = 0; i < actions.length(); i++) {
      if (adds(i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the column's value is to be added to the one that is there. */
  public boolean adds(int ordinal) {
    return actions.at(ordinal) == ADD;
  }

  /** Whether every column is given. */
  public boolean isComplete() {
    for (int i = 0; i < actions.length(); i++) {
      if (actions.at(i) != ASSIGN && actions.at(i) != ASSIGN_OVER) {
        return false;
      }
    }
    return true;
  }
}
