package io.spokewire.hub.entry;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Tuple;

/**
 * What became of one row that met a sibling, or whose origin needs an answer. A change of key has
 * two with the same index, the old key's first, or none. A TRUNCATE has one that names the rows
 * that stay, and after it one for each row that needs more than that.
 *
 * @param row index of the row in its block
 * @param forOthers the row change (encoded with its length, see {@code RowBlock}) for every spoke
 *     but the origin; empty if nothing changes for them
 * @param forOrigin the same for the origin; empty if it needs nothing
 * @param exists whether the row exists after it
 * @param result the value after it of every field that the row change wrote, others ABSENT, in the
 *     column order of the row change's schema: what a window is rebuilt from, and what a spoke that
 *     went back in time is sent
 */
public record RowResolution(
    int row, Bytes forOthers, Bytes forOrigin, boolean exists, Tuple result) {

  /**
   * A row change that the log keeps and nobody is sent, such as a TRUNCATE of a table without a
   * key.
   */
  public static RowResolution withheld(int row) {
    return new RowResolution(row, Bytes.EMPTY, Bytes.EMPTY, true, Tuple.NONE);
  }

  /**
   * A TRUNCATE.
   *
   * @param forOthers the same, but for the rows that stay
   */
  public static RowResolution truncated(int row, Bytes forOthers) {
    return new RowResolution(row, forOthers, Bytes.EMPTY, false, Tuple.NONE);
  }

  /** Whether the log keeps the row change and nobody is sent it. */
  public boolean isWithheld() {
    return exists && forOthers.isEmpty() && forOrigin.isEmpty() && result.equals(Tuple.NONE);
  }
}
