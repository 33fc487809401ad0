package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.common.change.RowChange;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Writes runs so that a refused row takes nothing else with it: each attempt has a savepoint, and a
 * run that is refused is halved until the rows that are to blame stand alone. Order is kept.
 */
final class IsolatedWriter {
  private final ApplySession session;

  IsolatedWriter(ApplySession session) {
    this.session = session;
  }

  /** Hears what became of rows that could not be written. */
  interface Outcome {
    /** The row that should be changed is not there. */
    void missing(PlannedRow row) throws SQLException;

    /** The row was refused. */
    void refused(PlannedRow row, String sqlState, String error) throws SQLException;

    /** The table can't be written as a whole: its definition or our rights don't allow it. */
    void tableRefused(List<PlannedRow> rows, String sqlState, String error) throws SQLException;
  }

  void write(Run run, List<PlannedRow> rows, Outcome outcome) throws SQLException {
    session.execute("SAVEPOINT spokewire");
    List<PlannedRow> missing;
    try {
      missing = session.write(run, rows);
    } catch (SQLException e) {
      Refusal refusal = Refusal.of(e);
      if (refusal == Refusal.CONNECTION || refusal == Refusal.FOR_NOW) {
        throw e;
      }
      refused(run, rows, e.getSQLState(), message(e), outcome);
      return;
    }
    session.execute("RELEASE SAVEPOINT spokewire");
    for (PlannedRow row : missing) {
      outcome.missing(row);
    }
  }

  private void refused(
      Run run, List<PlannedRow> rows, String sqlState, String error, Outcome outcome)
      throws SQLException {
    session.execute("ROLLBACK TO SAVEPOINT spokewire");
    session.execute("RELEASE SAVEPOINT spokewire");
    if (sqlState.startsWith("42")) {
      outcome.tableRefused(rows, sqlState, error);
    } else if (rows.size() > 1) {
      int half = rows.size() / 2;
      write(run, rows.subList(0, half), outcome);
      write(run, rows.subList(half, rows.size()), outcome);
    } else if (!replaced(run, rows.getFirst(), sqlState)) {
      outcome.refused(rows.getFirst(), sqlState, error);
    }
  }

  /** Whether a key change onto a taken key could be done in its other form. */
  private boolean replaced(Run run, PlannedRow row, String sqlState) throws SQLException {
    if (!sqlState.equals("23505") || !(row.change() instanceof RowChange.KeyChange change)) {
      return false;
    }
    session.execute("SAVEPOINT spokewire");
    try {
      boolean done = session.writer().replaceKey(run, change);
      session.execute("RELEASE SAVEPOINT spokewire");
      return done;
    } catch (SQLException e) {
      if (Refusal.of(e) != Refusal.FOR_GOOD) {
        throw e;
      }
      session.execute("ROLLBACK TO SAVEPOINT spokewire");
      return false;
    }
  }

  /** What the server said, in one line; its detail would show the row. */
  static String message(SQLException e) {
    if (e instanceof PSQLException p) {
      ServerErrorMessage server = p.getServerErrorMessage();
      if (server != null && server.getMessage() != null) {
        return server.getMessage();
      }
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
