package io.spokewire.agent.capture;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.TupleWriter;

/** A part of a row in the making: its key, its old or its new fields. Not thread-safe. */
public final class RowPart {
  /** A buffer that one giant row has blown up is not kept. */
  public static final int KEPT_BUFFER = 4 << 20;

  private final ByteSink sink = new ByteSink(512);
  private final TupleWriter writer = new TupleWriter(sink);

  public ByteSink sink() {
    return sink;
  }

  /** Writes into the sink. */
  public TupleWriter writer() {
    return writer;
  }

  /** An empty one for the next row: this one, unless its buffer is too large to keep. */
  public RowPart cleared() {
    if (sink.backingArray().length > KEPT_BUFFER) {
      return new RowPart();
    }
    sink.clear();
    return this;
  }
}
