package io.spokewire.hub.resolve;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;

/** What all writes of one transaction have in common. One object per transaction in the window. */
record Mark(Writer writer, Sequence sequence, Position position, Context context, HybridTime time) {
  SpokeId spoke() {
    return writer.spoke();
  }

  /** Whether the hub made the write itself: then it says all that is known of the row. */
  boolean isOfHub() {
    return writer.spoke().equals(SpokeId.HUB);
  }

  long number() {
    return position.number();
  }
}
