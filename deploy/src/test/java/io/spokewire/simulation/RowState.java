package io.spokewire.simulation;

import java.util.BitSet;

/**
 * One row as a database has it: its values, and for each field the writes that its value descends
 * from or has replaced. The row's existence is a field, too, after the last column. A row that is
 * gone keeps what led to that. Never changed once made.
 *
 * @param values by column; null if the row does not exist
 * @param seen by field: dots
 */
record RowState(String[] values, BitSet[] seen) {
  static RowState missing(Tables.Key key) {
    BitSet[] seen = new BitSet[key.table().columns().size() + 1];
    java.util.Arrays.setAll(seen, i -> new BitSet());
    return new RowState(null, seen);
  }

  static RowState of(Tables.Key key, String[] values) {
    return new RowState(values, missing(key).seen);
  }

  static int existence(Tables.Key key) {
    return key.table().columns().size();
  }

  boolean exists() {
    return values != null;
  }

  RowState with(String[] newValues) {
    return new RowState(newValues, seen);
  }

  /** The same with what one field has seen replaced. */
  RowState replacing(int field, BitSet by) {
    BitSet[] changed = seen.clone();
    changed[field] = by;
    return new RowState(values, changed);
  }

  /** The same with more seen by one field. */
  RowState seeing(int field, BitSet more) {
    return replacing(field, union(seen[field], more));
  }

  static BitSet union(BitSet a, BitSet b) {
    BitSet both = (BitSet) a.clone();
    both.or(b);
    return both;
  }

  static BitSet plus(BitSet a, int dot) {
    BitSet both = (BitSet) a.clone();
    both.set(dot);
    return both;
  }

  /** Whether everything in {@code small} is in {@code large}. */
  static boolean isIn(BitSet small, BitSet large) {
    BitSet rest = (BitSet) small.clone();
    rest.andNot(large);
    return rest.isEmpty();
  }
}
