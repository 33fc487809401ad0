package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.TableName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The site's own deletes that the hub's changes may not have taken into account yet. Capture
 * writes, apply asks and forgets; safe from any thread.
 *
 * <p>Bounded: beyond a number of keys, a table's deletes are remembered as one delete of every key,
 * which explains more than it should for a while and never less.
 */
public final class DeleteLedger implements PendingDeletes {
  private final SchemaBook schemas;
  private final int capacity;
  private final Map<TableName, Map<Bytes, Sequence>> keys = new HashMap<>();
  private final Map<TableName, Sequence> wholeTables = new HashMap<>();
  private final Deque<Removal> order = new ArrayDeque<>();
  private @Nullable Context captured;
  private Sequence unknownThrough = Sequence.NONE;

  private record Removal(TableName table, Bytes key, Sequence sequence) {}

  public DeleteLedger(SchemaBook schemas, int capacity) {
    this.schemas = schemas;
    this.capacity = capacity;
  }

  /**
   * Capture goes on after this transaction: which keys those up to it deleted is not known any
   * more, so until the hub has taken them all into account a missing row may be one of them.
   */
  synchronized void begin(Sequence last) {
    unknownThrough = last;
  }

  /** Takes the keys that a captured transaction made disappear; false if there are none. */
  synchronized boolean remember(RowBlock rows, Sequence sequence) {
    if (!rows.removesKeys()) {
      return false;
    }
    for (RowChange change : rows) {
      switch (change) {
        case RowChange.Delete d -> add(d.schema(), d.key(), sequence);
        case RowChange.KeyChange k -> add(k.schema(), k.oldKey(), sequence);
        case RowChange.Truncate t -> wholeTables.put(tableOf(t.schema()), sequence);
        case RowChange.Insert i -> {}
        case RowChange.Update u -> {}
      }
    }
    return true;
  }

  /** Capture has met everything that this context names. */
  synchronized void capturedThrough(Context context) {
    captured = context;
  }

  /** Deletes at or before this transaction are no longer asked for. */
  synchronized void forget(Sequence through) {
    while (!order.isEmpty() && !order.getFirst().sequence().isAfter(through)) {
      Removal removal = order.removeFirst();
      Map<Bytes, Sequence> table = keys.get(removal.table());
      if (table != null) {
        table.remove(removal.key(), removal.sequence());
        if (table.isEmpty()) {
          keys.remove(removal.table());
        }
      }
    }
    wholeTables.values().removeIf(last -> !last.isAfter(through));
  }

  @Override
  public synchronized Verdict judge(
      TableName table, RowKey key, Sequence acknowledged, Position seenMissingAt) {
    if (unknownThrough.isAfter(acknowledged)) {
      return Verdict.EXPLAINED;
    }
    Sequence whole = wholeTables.get(table);
    if (whole != null && whole.isAfter(acknowledged)) {
      return Verdict.EXPLAINED;
    }
    Map<Bytes, Sequence> deleted = keys.get(table);
    Sequence one = deleted == null ? null : deleted.get(key.bytes());
    if (one != null && one.isAfter(acknowledged)) {
      return Verdict.EXPLAINED;
    }
    Context met = captured;
    return met != null && met.low().isSameLogAs(seenMissingAt) && met.covers(seenMissingAt.number())
        ? Verdict.UNEXPLAINED
        : Verdict.UNDECIDED;
  }

  private void add(SchemaId schema, RowKey key, Sequence sequence) {
    TableName table = tableOf(schema);
    if (order.size() >= capacity) {
      collapse();
    }
    if (wholeTables.containsKey(table)) {
      wholeTables.put(table, sequence);
      return;
    }
    Bytes own = key.bytes().detached();
    keys.computeIfAbsent(table, t -> new HashMap<>()).put(own, sequence);
    order.addLast(new Removal(table, own, sequence));
  }

  private void collapse() {
    for (Removal removal : order) {
      wholeTables.put(removal.table(), removal.sequence());
    }
    order.clear();
    keys.clear();
  }

  private TableName tableOf(SchemaId schema) {
    return schemas.get(schema).table();
  }
}
