package io.spokewire.agent.apply;

import io.spokewire.common.id.TableName;

/**
 * What an applier tells of its work, for counters and alarms. Called from the apply thread, after
 * the transaction committed; must not block.
 */
public interface ApplyEvents {
  /** Hears nothing. */
  ApplyEvents NONE = new ApplyEvents() {};

  /** Rows of one table are in the database. */
  default void applied(TableName table, Run.Operation operation, long rows) {}

  /** A row was set aside. */
  default void parked(TableName table, ParkReason reason, String sqlState, String error) {}

  /** A truncate arrived and was not applied: the tables' rows may differ now. */
  default void truncateNotApplied(TableName table) {}
}
