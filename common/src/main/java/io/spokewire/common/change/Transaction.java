package io.spokewire.common.change;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;

/**
 * The row changes of one source commit, in order: the noun that travels from capture to the log.
 * Immutable.
 *
 * @param writer who numbered it
 * @param sequence the writer's number for it, contiguous
 * @param sourcePosition the end of its commit in the source's log
 * @param time the source's commit time, raised above all times its writer had seen
 * @param context the hub positions its database had applied before it committed
 * @param hash the writer's hash chain after this transaction
 * @param rows its rows; of a staged transaction the last chunk only
 * @param stagedChunks how many {@code TransactionChunk}s with the same sequence came before; 0 for
 *     a transaction that fits one message
 */
public record Transaction(
    Writer writer,
    Sequence sequence,
    SourcePosition sourcePosition,
    HybridTime time,
    Context context,
    ChainHash hash,
    RowBlock rows,
    int stagedChunks) {

  public boolean isStaged() {
    return stagedChunks > 0;
  }

  @Override
  public String toString() {
    return writer + "#" + sequence + " (" + rows.rows() + " rows, seen " + context + ")";
  }
}
