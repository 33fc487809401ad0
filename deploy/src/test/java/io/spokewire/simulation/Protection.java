package io.spokewire.simulation;

import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.simulation.Tables.Key;
import java.util.ArrayList;
import java.util.List;

/** What a model database keeps off, inside one transaction of its agent. */
final class Protection {
  private final List<Kept> kept;
  private final long markedAt;

  /**
   * @param markedAt capture has met what is kept here once it has met this position
   */
  Protection(List<Kept> kept, long markedAt) {
    this.kept = new ArrayList<>(kept);
    this.markedAt = markedAt;
  }

  List<Kept> kept() {
    return List.copyOf(kept);
  }

  boolean concerns(Key key, int field) {
    return kept.stream().anyMatch(k -> k.concerns(key, field));
  }

  Kept find(Key key, int field) {
    return kept.stream()
        .filter(k -> k.key().equals(key) && k.field() == field)
        .findFirst()
        .orElse(null);
  }

  void remove(Key key, int field) {
    kept.removeIf(k -> k.key().equals(key) && k.field() == field);
  }

  void removeRow(Key key) {
    kept.removeIf(k -> k.key().equals(key));
  }

  /** The hub's value of a field stays off this row. */
  void keep(Key key, int field, long position, String value, RowState row) {
    Kept open = find(key, field);
    long low = open == null ? position - 1 : open.low();
    put(new Kept(key, field, low, markedAt, new String[] {value}, null).looked(row, markedAt));
  }

  /** The hub's row, or that it has none, stays off; fields that were kept are part of it. */
  void keepWhole(Key key, long position, String[] values, RowState row) {
    long low =
        kept.stream()
            .filter(k -> k.key().equals(key))
            .mapToLong(Kept::low)
            .reduce(position - 1, Math::min);
    removeRow(key);
    put(new Kept(key, Kept.WHOLE, low, markedAt, values, null).looked(row, markedAt));
  }

  /** The row as a whole is kept off: a change of it goes into what the hub has. */
  void patchWhole(Kept whole, Tuple change, RowState row) {
    String[] hub = whole.hub() == null ? null : Tables.patched(whole.hub(), change);
    put(whole.with(hub).looked(row, markedAt));
  }

  /** The row is missing: what the hub has of fields that are kept goes on all the same. */
  void patchFields(Key key, Tuple change, RowState row) {
    TupleReader reader = change.reader();
    while (reader.next()) {
      Kept open = find(key, reader.ordinal());
      if (open != null && reader.tag() == FieldTag.VALUE) {
        put(open.with(new String[] {reader.value().toUtf8()}).looked(row, markedAt));
      } else if (open != null && reader.tag() == FieldTag.DELTA) {
        put(added(open, reader.value().toUtf8()).looked(row, markedAt));
      }
    }
  }

  /** A delta was added to the row's field, and to what the hub has. */
  void add(Key key, int field, String delta, RowState after) {
    Kept open = find(key, field);
    if (open != null) {
      put(added(open, delta).looked(after, markedAt));
    }
  }

  /** Something else stands there by now: the wait begins anew. */
  void lookAgain(Kept value, RowState row) {
    put(value.looked(row, markedAt));
  }

  private static Kept added(Kept open, String delta) {
    long sum = Long.parseLong(open.hub()[0]) + Long.parseLong(delta);
    return open.with(new String[] {Long.toString(sum)});
  }

  private void put(Kept value) {
    remove(value.key(), value.field());
    kept.add(value);
  }
}
