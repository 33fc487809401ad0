package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A transaction between its first message and its commit or abort. Not thread-safe.
 *
 * <p>Subtransactions nest and their changes come in log order, so whatever follows the first change
 * of one belongs to it, to one inside it, or to a parent that ends with it: its abort cuts
 * everything from there.
 */
final class OpenTransaction implements AutoCloseable {
  private final RowSpool spool;
  private final Map<SchemaId, TableSchema> shapes = new LinkedHashMap<>();
  private final List<Part> parts = new ArrayList<>();

  /** Relations as described inside this transaction; others may not use them before it commits. */
  private final Map<Integer, RelationPlan> relations = new HashMap<>();

  private @Nullable AppliedMarker marker;
  private @Nullable BarrierId barrier;

  OpenTransaction(RowSpool spool) {
    this.spool = spool;
  }

  RowSpool spool() {
    return spool;
  }

  Map<Integer, RelationPlan> relations() {
    return relations;
  }

  Collection<TableSchema> shapes() {
    return shapes.values();
  }

  void uses(TableSchema schema) {
    shapes.putIfAbsent(schema.id(), schema);
  }

  @Nullable AppliedMarker marker() {
    return marker;
  }

  @Nullable BarrierId barrier() {
    return barrier;
  }

  /**
   * What comes after the marker is what we applied ourselves. We write it first and outside every
   * subtransaction; the log does not say which subtransaction a streamed message belongs to.
   */
  void marked(AppliedMarker met) {
    marker = met;
  }

  void marked(BarrierId met) {
    barrier = met;
  }

  /** Something of this subtransaction comes next. */
  void enter(int subxid) {
    for (int i = parts.size() - 1; i >= 0; i--) {
      if (parts.get(i).subxid == subxid) {
        return;
      }
    }
    parts.add(new Part(subxid, spool.mark()));
  }

  /** Drops what belongs to a subtransaction; nothing if it had no change. */
  void abort(int subxid) {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).subxid == subxid) {
        spool.truncate(parts.get(i).start);
        parts.subList(i, parts.size()).clear();
        return;
      }
    }
  }

  /** Makes it as new. */
  void clear() {
    spool.clear();
    shapes.clear();
    parts.clear();
    relations.clear();
    marker = null;
    barrier = null;
  }

  @Override
  public void close() {
    spool.close();
  }

  private record Part(int subxid, RowSpool.Mark start) {}
}
