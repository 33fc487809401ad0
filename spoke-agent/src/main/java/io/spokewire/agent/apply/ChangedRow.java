package io.spokewire.agent.apply;

import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;

/** What a change says of the one row that it concerns. */
public final class ChangedRow {
  private ChangedRow() {}

  /** The key that finds the row before the change. */
  public static RowKey keyOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c.key();
      case RowChange.Update c -> c.key();
      case RowChange.Delete c -> c.key();
      case RowChange.KeyChange c -> c.oldKey();
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate has no key");
    };
  }

  /** Its new fields. */
  public static Tuple afterOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c.after();
      case RowChange.Update c -> c.after();
      case RowChange.KeyChange c -> c.after();
      case RowChange.Delete c -> throw new IllegalArgumentException("a delete has no new row");
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate has no row");
    };
  }

  /** Its old fields, as far as they are known. */
  public static Tuple beforeOf(RowChange change) {
    return switch (change) {
      case RowChange.Update c -> c.before();
      case RowChange.KeyChange c -> c.before();
      case RowChange.Delete c -> c.before();
      case RowChange.Insert c -> Tuple.NONE;
      case RowChange.Truncate c -> Tuple.NONE;
    };
  }
}
