package io.spokewire.common.wire;

import com.google.protobuf.WireFormat;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.proto.UpstreamBatch;

/**
 * Builds the bytes of an {@code UpstreamBatch} from items that are already encoded: a tag, a length
 * and a copy each. Reusable after {@link #clear()}. Not thread-safe.
 */
public final class UpstreamBatchWriter {
  private static final int ITEM_TAG =
      (UpstreamBatch.ITEMS_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final ByteSink sink = new ByteSink(1 << 16);
  private int items;

  /** Adds an item as {@link UpstreamCodec#encode} made it. */
  public UpstreamBatchWriter add(Bytes item) {
    sink.putByte(ITEM_TAG).putSized(item);
    items++;
    return this;
  }

  public int items() {
    return items;
  }

  public boolean isEmpty() {
    return items == 0;
  }

  /** The batch's bytes so far. */
  public int size() {
    return sink.size();
  }

  /** The batch, valid until the next call of {@link #add} or {@link #clear()}. */
  public Bytes batch() {
    return Bytes.wrap(sink.backingArray(), 0, sink.size());
  }

  public void clear() {
    sink.clear();
    items = 0;
  }
}
