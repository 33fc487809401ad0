package io.spokewire.agent.capture;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.Mark;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What was read of a transaction whose end was not met yet. Not thread-safe. */
public final class OpenTransaction implements AutoCloseable {
  private final RowSpool spool;
  private final Map<SchemaId, TableSchema> shapes = new LinkedHashMap<>();
  private @Nullable AppliedMarker marker;
  private @Nullable BarrierId barrier;

  /**
   * @param spool taken over
   */
  public OpenTransaction(RowSpool spool) {
    this.spool = spool;
  }

  public RowSpool spool() {
    return spool;
  }

  /** Its rows have this shape. */
  public void uses(TableSchema schema) {
    shapes.putIfAbsent(schema.id(), schema);
  }

  Collection<TableSchema> shapes() {
    return shapes.values();
  }

  /** What comes after the marker is what we applied ourselves. */
  public @Nullable AppliedMarker marker() {
    return marker;
  }

  @Nullable BarrierId barrier() {
    return barrier;
  }

  /**
   * A mark of ours was met in it.
   *
   * @param isNew whether a marker's positions are not applied yet at this place; a marker that is
   *     not new is a copy, and the transaction around it a user's own
   */
  public void marked(Mark mark, Predicate<AppliedMarker> isNew) {
    switch (mark) {
      case Mark.Applied applied -> {
        if (isNew.test(applied.marker())) {
          marker = applied.marker();
        }
      }
      case Mark.Barrier met -> barrier = met.barrier();
    }
  }

  /** Makes it as new. */
  public void clear() {
    spool.clear();
    shapes.clear();
    marker = null;
    barrier = null;
  }

  @Override
  public void close() {
    spool.close();
  }
}
