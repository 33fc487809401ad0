package io.spokewire.agent.apply;

import io.spokewire.common.change.RowChange;

/**
 * A change to apply: one as it came, or the net effect of several on one key.
 *
 * @param change what to do
 * @param first the hub position of the first change in it
 * @param last the hub position of the last change in it
 * @param own whether one of them answers a transaction of this very site
 */
public record PlannedRow(RowChange change, long first, long last, boolean own) {
  public PlannedRow(RowChange change, long first, long last) {
    this(change, first, last, false);
  }
}
