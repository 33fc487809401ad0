package io.spokewire.agent.queue;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;

/**
 * Where a writer stands: in its outbox, or, as the hub says in its welcome, at the hub. Immutable.
 *
 * @param last its last transaction; NONE for a writer that has written nothing yet
 * @param hash its chain after that
 * @param position everything of the source's log up to here is recorded or needs no record
 * @param context the last context recorded; never shrinks (I4)
 * @param time the hybrid time of the last transaction
 */
public record OutboxTail(
    Sequence last, ChainHash hash, SourcePosition position, Context context, HybridTime time) {

  /** A writer that has written nothing, in a database that holds {@code context}. */
  public static OutboxTail start(Context context) {
    return new OutboxTail(
        Sequence.NONE, ChainHash.START, SourcePosition.NONE, context, HybridTime.ZERO);
  }
}
