package io.spokewire.agent.capture;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SourcePosition;

/** What capture meets in a source's log, in commit order. */
public sealed interface Captured {
  /** Everything up to here has been given once this event is handled. */
  SourcePosition position();

  /**
   * A transaction of the site's own users. Whoever takes it closes {@code rows}.
   *
   * @param commitMicros the source's commit time, microseconds since 1970 UTC
   * @param rows at least one row
   */
  record Local(SourcePosition position, long commitMicros, RowChunks rows) implements Captured {}

  /** A transaction that we applied: its positions join the applied set, its rows are not ours. */
  record Applied(SourcePosition position, AppliedMarker marker) implements Captured {}

  /** The mark of a barrier: everything committed before it was given before this event. */
  record Barrier(SourcePosition position, BarrierId barrier) implements Captured {}

  /** A table's shape as of here; comes before the first row that uses it. */
  record Shape(SourcePosition position, TableSchema schema) implements Captured {}

  /** Nothing for us up to here (an idle log, or transactions outside the scope). */
  record Progress(SourcePosition position) implements Captured {}
}
