package io.spokewire.agent.apply;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;

/**
 * What the hub has of a row or of one of its fields, as the change that makes a database hold it.
 * Pure.
 */
public final class HubState {
  private HubState() {}

  /** After a change of the whole row: an insert or a delete. */
  public static RowChange ofRow(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c;
      case RowChange.KeyChange c -> new RowChange.Insert(c.schema(), c.newKey(), c.after());
      case RowChange.Delete c -> new RowChange.Delete(c.schema(), c.key(), Tuple.NONE);
      case RowChange.Update c -> throw new IllegalArgumentException("an update is no whole row");
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate is no row");
    };
  }

  /** After an update of one field. */
  public static RowChange.Update ofField(RowChange.Update change, int ordinal) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    TupleReader reader = change.after().reader();
    while (reader.next()) {
      if (reader.ordinal() == ordinal) {
        writer.putEncoded(reader.encoded());
      } else {
        writer.putUnchanged();
      }
    }
    return new RowChange.Update(
        change.schema(), change.key(), Tuple.NONE, new Tuple(sink.toBytes()));
  }

  /** After a later update of the same row; of a row that is gone nothing changes. */
  public static RowChange after(RowChange state, RowChange.Update later) {
    return switch (state) {
      case RowChange.Insert c -> {
        Tuple merged = TupleMerge.merge(c.after(), later.after());
        yield merged == null ? c : new RowChange.Insert(c.schema(), c.key(), merged);
      }
      case RowChange.Update c -> {
        Tuple merged = TupleMerge.merge(c.after(), later.after());
        yield merged == null ? c : new RowChange.Update(c.schema(), c.key(), Tuple.NONE, merged);
      }
      case RowChange.Delete c -> c;
      case RowChange.KeyChange c -> throw new IllegalArgumentException("a change of key");
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate is no row");
    };
  }
}
