package io.spokewire.agent.capture;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.SourcePosition;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events of one source that wait to be taken, in their order; a shape comes before the first rows
 * that have it. Not thread-safe.
 */
public final class ReadyEvents implements AutoCloseable {
  private final Set<SchemaId> announced = new HashSet<>();
  private final Queue<Captured> ready = new ArrayDeque<>();

  public @Nullable Captured poll() {
    return ready.poll();
  }

  public void add(Captured.Barrier barrier) {
    ready.add(barrier);
  }

  /**
   * @param before where what comes before it ends
   * @param shapes of its rows
   */
  public void add(Captured.Local rows, SourcePosition before, Collection<TableSchema> shapes) {
    for (TableSchema schema : shapes) {
      if (announced.add(schema.id())) {
        ready.add(new Captured.Shape(before, schema));
      }
    }
    ready.add(rows);
  }

  /**
   * A transaction that committed: what we applied counts as that whatever rows it has, and one
   * without anything for us is none.
   *
   * @param before where what comes before it ends
   * @param at where it ends
   */
  public void add(
      OpenTransaction transaction, SourcePosition before, SourcePosition at, long commitMicros) {
    AppliedMarker marker = transaction.marker();
    BarrierId barrier = transaction.barrier();
    if (marker != null) {
      ready.add(new Captured.Applied(at, marker));
    } else if (!transaction.spool().isEmpty()) {
      add(
          new Captured.Local(at, commitMicros, transaction.spool().take()),
          before,
          transaction.shapes());
    } else if (barrier != null) {
      ready.add(new Captured.Barrier(at, barrier));
    }
  }

  /** Frees what was not taken; rows that were given stay with their taker. */
  @Override
  public void close() {
    for (Captured event = ready.poll(); event != null; event = ready.poll()) {
      if (event instanceof Captured.Local local) {
        local.rows().close();
      }
    }
  }
}
