package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs on one connection with set-based statements of the engine. Owned by the
 * connection's thread.
 *
 * <p>Errors: the server's as they are, and our own in the same form: fewer rows changed than were
 * given for a reason other than their absence, or a value can't be sent at all. A row is found by
 * the equality of its key's types, and texts by their bytes.
 */
public interface RowWriter {
  /** Executes rows of one run (key changes: one after the other). */
  Written write(Run run, List<PlannedRow> rows) throws SQLException;

  /**
   * A key change whose plain form was refused because the new key is taken: takes the old row away
   * and writes the new one over whatever has its key. Only where no foreign key acts on a delete.
   *
   * @return false if that can't be done here
   */
  boolean replaceKey(Run run, RowChange.KeyChange change) throws SQLException;

  /**
   * Takes what updated rows have in unique columns, and are about to lose, out of the way: rows
   * that take each other's values can be updated then. Called after they were refused because a
   * value is taken; the caller undoes it if they are refused again.
   *
   * @return false if that can't be done here
   */
  default boolean makeRoom(Run run, List<PlannedRow> rows) throws SQLException {
    return false;
  }

  /**
   * A number for what is in a row, or in one of its fields: as long as it stays the same, nobody
   * wrote another value. Null if there is no row. Locks the row.
   */
  @Nullable Long look(TableSchema schema, RowKey key, @Nullable String field) throws SQLException;

  /**
   * Takes away every row of the table but some.
   *
   * @return how many went
   */
  long deleteAllBut(TableSchema schema, List<RowKey> survivors) throws SQLException;

  /**
   * What became of rows.
   *
   * @param missing those that should have been there and were not; nothing was done for them
   * @param kept those of which something was not written, since the database did not hold what they
   *     replace
   */
  record Written(List<PlannedRow> missing, List<KeptRow> kept) {
    /** Everything is as given. */
    public static final Written ALL = new Written(List.of(), List.of());

    /** All but some that were not there. */
    public static Written missing(List<PlannedRow> missing) {
      return new Written(missing, List.of());
    }
  }

  /**
   * A row of which something was not written.
   *
   * @param row what was to be done; half of it for a change of key
   * @param fields the ordinals of the fields that were kept; empty: all was
   */
  record KeptRow(PlannedRow row, List<Integer> fields) {}
}
