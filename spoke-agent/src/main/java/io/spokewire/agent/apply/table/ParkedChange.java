package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.ParkReason;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.id.TableName;
import java.util.List;

/**
 * One row of {@code spokewire.parked}.
 *
 * @param id its number; the order in which parked changes came
 * @param low the last position that the row's key had seen when this was set aside
 * @param position the change's own position
 * @param acknowledged the last own sequence that the change had taken into account
 * @param seenMissingAt the last position of the marker of the transaction that set it aside
 */
record ParkedChange(
    long id,
    TableName table,
    RowChange change,
    ParkReason reason,
    long low,
    long position,
    long acknowledged,
    long seenMissingAt) {

  /** The keys that later changes must wait for. */
  List<Bytes> keys() {
    return keysOf(change);
  }

  static List<Bytes> keysOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> List.of(c.key().bytes());
      case RowChange.Update c -> List.of(c.key().bytes());
      case RowChange.Delete c -> List.of(c.key().bytes());
      case RowChange.KeyChange c -> List.of(c.oldKey().bytes(), c.newKey().bytes());
      case RowChange.Truncate c -> List.of();
    };
  }
}
