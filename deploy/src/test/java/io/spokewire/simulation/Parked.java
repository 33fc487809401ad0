package io.spokewire.simulation;

import io.spokewire.agent.apply.ParkReason;
import io.spokewire.common.change.RowChange;
import java.util.List;

/**
 * A change that a model database has set aside.
 *
 * @param keys of the rows that wait for it: two where a row gets another key
 * @param low the last position that the row has seen
 * @param position the change's own
 * @param acknowledged the last own transaction that the change had taken into account
 * @param seenMissingAt the last position of the transaction that found the row missing
 */
record Parked(
    List<Tables.Key> keys,
    RowChange change,
    ParkReason reason,
    long low,
    long position,
    long acknowledged,
    long seenMissingAt) {
  /** The row that it finds. */
  Tables.Key key() {
    return keys.getFirst();
  }

  boolean concerns(Tables.Key key) {
    return keys.contains(key);
  }

  Parked as(ParkReason newReason) {
    return new Parked(keys, change, newReason, low, position, acknowledged, seenMissingAt);
  }
}
