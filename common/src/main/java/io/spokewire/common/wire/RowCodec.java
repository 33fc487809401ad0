package io.spokewire.common.wire;

import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlock;
import io.spokewire.proto.Rows;

/**
 * Rows. The block's bytes travel as they are and share the message's array; rows that are kept for
 * longer than their batch must be copied. Stateless; safe from any thread.
 */
public final class RowCodec {
  private RowCodec() {}

  public static Rows toMessage(RowBlock rows) {
    return Rows.newBuilder()
        .setBlock(WireBytes.toMessage(rows.bytes()))
        .setCount(rows.rows())
        .build();
  }

  /**
   * The rows, walked through once: each has a known kind and their number is right. What is inside
   * the tuples is checked by who reads them.
   *
   * @throws io.spokewire.common.fault.Fault if the message does not hold such rows
   */
  public static RowBlock ofMessage(Rows message) {
    WireChecks.noUnknownFields(message);
    RowBlock rows = new RowBlock(WireBytes.ofMessage(message.getBlock()), message.getCount());
    try {
      rows.verify();
    } catch (MalformedBytesException e) {
      throw WireChecks.malformed("Rows.block", e);
    }
    return rows.isEmpty() ? RowBlock.EMPTY : rows;
  }
}
