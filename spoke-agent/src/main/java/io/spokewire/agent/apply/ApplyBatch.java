package io.spokewire.agent.apply;

import io.spokewire.common.change.RowChunks;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.List;

/**
 * Log entries that share one database transaction, in log order.
 *
 * @param first the position after the checkpoint
 * @param last the batch's last position; positions without an entry hold nothing for this spoke
 * @param entries those that hold rows
 * @param acknowledged the last own transaction that these entries had taken into account: a local
 *     delete after it may explain why a row is missing
 */
public record ApplyBatch(
    Position first, Position last, List<Entry> entries, Sequence acknowledged) {
  public ApplyBatch {
    entries = List.copyOf(entries);
  }

  /** The rows of one log entry for this spoke. */
  public record Entry(Position position, SpokeId origin, Sequence sequence, RowChunks rows) {}
}
