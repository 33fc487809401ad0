package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.resolve.rule.Sibling;

/** What all writes of one transaction have in common. One object per transaction in the window. */
record Mark(Writer writer, Sequence sequence, Position position, Context context, HybridTime time) {
  SpokeId spoke() {
    return writer.spoke();
  }

  /** Whether the hub made the write itself: then it says all that is known of the row. */
  boolean isOfHub() {
    return writer.spoke().equals(SpokeId.HUB);
  }

  /** A write of the transaction as rules weigh it. */
  Sibling sibling(Field value, Field stamp) {
    return new Sibling(spoke(), sequence, position, time, value, stamp);
  }

  long number() {
    return position.number();
  }
}
