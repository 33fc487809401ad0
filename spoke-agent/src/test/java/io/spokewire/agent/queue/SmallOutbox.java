package io.spokewire.agent.queue;

import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import java.util.Comparator;

/** An outbox that cuts even small transactions into pieces, and soon tires of marks. */
public final class SmallOutbox {
  private SmallOutbox() {}

  /**
   * Opens one.
   *
   * @param largestPiece in bytes, of the rows that travel in one record
   * @param marksKept bytes behind the last transaction after which a rest is written
   */
  public static Outbox open(
      DurableQueue queue,
      UpstreamCodec codec,
      Writer writer,
      Comparator<SourcePosition> order,
      int largestPiece,
      long marksKept) {
    return Outbox.open(queue, codec, writer, order, new Outbox.Sizes(largestPiece, marksKept));
  }
}
