package io.spokewire.common.change;

import io.spokewire.common.clock.Context;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SourcePosition;

/** One record of an agent's outbox, and so one item on its way to the hub, in capture order. */
public sealed interface UpstreamRecord {

  /** A transaction of the site's own users; its chunks, if it is staged, came right before. */
  record Committed(Transaction transaction) implements UpstreamRecord {}

  /** A part of the staged transaction that follows. */
  record Chunk(TransactionChunk chunk) implements UpstreamRecord {}

  /** A table's shape; comes before the first row that uses it. */
  record Shape(TableSchema schema) implements UpstreamRecord {}

  /** Nothing of the users up to here, but the context moved on. */
  record ContextMark(SourcePosition position, Context context) implements UpstreamRecord {}

  /** Capture met a barrier's mark. */
  record BarrierMark(BarrierId barrier, SourcePosition position, Context context)
      implements UpstreamRecord {}

  /**
   * The source position that is about to be confirmed without the hub having what is before it.
   * Stays in the outbox: after a crash, an outbox whose good tail ends before it has lost data.
   */
  record SpillMark(SourcePosition position) implements UpstreamRecord {}
}
