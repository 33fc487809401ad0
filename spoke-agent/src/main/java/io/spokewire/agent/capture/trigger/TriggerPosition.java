package io.spokewire.agent.capture.trigger;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.id.SourcePosition;

/**
 * A place in what triggers logged: a batch, and how many of its transactions were given. As a
 * number, it ascends in the order of reading.
 *
 * @param batch the batch's number
 * @param index of a transaction in it, from 1; {@link #END} behind the last one
 */
public record TriggerPosition(long batch, int index) {
  private static final int INDEX_BITS = 28;

  /** Behind every transaction of a batch. */
  public static final int END = (1 << INDEX_BITS) - 1;

  public TriggerPosition {
    if (batch < 0 || batch >= 1L << (Long.SIZE - 1 - INDEX_BITS) || index < 0 || index > END) {
      throw new IllegalArgumentException("transaction " + index + " of batch " + batch);
    }
  }

  public static TriggerPosition endOf(long batch) {
    return new TriggerPosition(batch, END);
  }

  public static TriggerPosition of(long number) {
    return new TriggerPosition(number >>> INDEX_BITS, (int) (number & END));
  }

  /** The place that a token of ours stands for; behind batch 0 for NONE. */
  public static TriggerPosition of(SourcePosition position) {
    return position.isNone() ? endOf(0) : of(new ByteSource(position.token()).readInt64());
  }

  /** As others carry it: eight bytes, the most significant first. */
  public SourcePosition position() {
    return new SourcePosition(new ByteSink(8).putInt64(number()).toBytes());
  }

  public long number() {
    return batch << INDEX_BITS | index;
  }

  /** The last batch that lies before this place as a whole. */
  public long wholeBatches() {
    return index == END ? batch : batch - 1;
  }
}
