package io.spokewire.agent.apply;

import io.spokewire.common.id.TableName;

/**
 * What an applier tells of its work, for counters and alarms. Called from the apply thread, after
 * the transaction committed; must not block.
 */
public interface ApplyEvents {
  /** Hears nothing. */
  ApplyEvents NONE = new ApplyEvents() {};

  /** Both hear everything. */
  static ApplyEvents both(ApplyEvents first, ApplyEvents second) {
    return new ApplyEvents() {
      @Override
      public void applied(TableName table, Run.Operation operation, long rows) {
        first.applied(table, operation, rows);
        second.applied(table, operation, rows);
      }

      @Override
      public void parked(TableName table, ParkReason reason, String sqlState, String error) {
        first.parked(table, reason, sqlState, error);
        second.parked(table, reason, sqlState, error);
      }

      @Override
      public void drifted(TableName table, String field) {
        first.drifted(table, field);
        second.drifted(table, field);
      }
    };
  }

  /** Rows of one table are in the database. */
  default void applied(TableName table, Run.Operation operation, long rows) {}

  /** A row was set aside. */
  default void parked(TableName table, ParkReason reason, String sqlState, String error) {}

  /**
   * The database held something else than the hub's value in this field, and no local transaction
   * explains it: the hub's value was written.
   *
   * @param field a column, or {@code #} for the row as a whole
   */
  default void drifted(TableName table, String field) {}
}
