package io.spokewire.hub.entry;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.id.BarrierId;
import org.jspecify.annotations.Nullable;

/**
 * What one log entry means for one spoke. Immutable.
 *
 * @param position the entry's position number
 * @param origin the transaction it comes from, for its writer, sequence and time; null for entries
 *     that are not outcomes
 * @param rows what the spoke is to apply; shares the array of the entry where it can
 * @param part the number of this part of a large outcome, from 0, without gaps
 * @param more whether another part of the same outcome follows
 * @param barrier set when the entry is a barrier
 */
public record SpokeDelivery(
    long position,
    @Nullable Transaction origin,
    RowBlock rows,
    int part,
    boolean more,
    @Nullable BarrierId barrier) {

  public static SpokeDelivery of(LogEntry.Barrier barrier) {
    return new SpokeDelivery(
        barrier.position().number(), null, RowBlock.EMPTY, 0, false, barrier.barrier());
  }
}
