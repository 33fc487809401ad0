package io.spokewire.simulation;

import io.spokewire.agent.apply.ParkReason;
import io.spokewire.common.change.RowChange;

/**
 * A change that a model database has set aside.
 *
 * @param low the last position that the row has seen
 * @param position the change's own
 * @param acknowledged the last own transaction that the change had taken into account
 * @param seenMissingAt the last position of the transaction that found the row missing
 */
record Parked(
    Tables.Key key,
    RowChange change,
    ParkReason reason,
    long low,
    long position,
    long acknowledged,
    long seenMissingAt) {
  Parked as(ParkReason newReason) {
    return new Parked(key, change, newReason, low, position, acknowledged, seenMissingAt);
  }
}
