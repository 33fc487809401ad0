package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.common.change.RowChange;
import java.sql.SQLException;
import java.util.List;

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
      Refusal refusal = session.refusal(e);
      if (refusal.kind() == Refusal.Kind.CONNECTION || refusal.kind() == Refusal.Kind.FOR_NOW) {
        throw e;
      }
      refused(run, rows, refusal, outcome);
      return;
    }
    session.execute("RELEASE SAVEPOINT spokewire");
    for (PlannedRow row : missing) {
      outcome.missing(row);
    }
  }

  private void refused(Run run, List<PlannedRow> rows, Refusal refusal, Outcome outcome)
      throws SQLException {
    session.execute("ROLLBACK TO SAVEPOINT spokewire");
    session.execute("RELEASE SAVEPOINT spokewire");
    if (refusal.scope() == Refusal.Scope.TABLE) {
      outcome.tableRefused(rows, refusal.sqlState(), refusal.message());
    } else if (rows.size() > 1) {
      if (refusal.scope() == Refusal.Scope.TAKEN && writtenWithRoom(run, rows, outcome)) {
        return;
      }
      int half = rows.size() / 2;
      write(run, rows.subList(0, half), outcome);
      write(run, rows.subList(half, rows.size()), outcome);
    } else if (!replaced(run, rows.getFirst(), refusal)) {
      outcome.refused(rows.getFirst(), refusal.sqlState(), refusal.message());
    }
  }

  /** Whether rows that have each other's unique values could be written in two steps. */
  private boolean writtenWithRoom(Run run, List<PlannedRow> rows, Outcome outcome)
      throws SQLException {
    session.execute("SAVEPOINT spokewire");
    List<PlannedRow> missing;
    try {
      if (!session.writer().makeRoom(run, rows)) {
        session.execute("RELEASE SAVEPOINT spokewire");
        return false;
      }
      missing = session.write(run, rows);
    } catch (SQLException e) {
      Refusal.Kind kind = session.refusal(e).kind();
      if (kind == Refusal.Kind.CONNECTION || kind == Refusal.Kind.FOR_NOW) {
        throw e;
      }
      session.execute("ROLLBACK TO SAVEPOINT spokewire");
      session.execute("RELEASE SAVEPOINT spokewire");
      return false;
    }
    session.execute("RELEASE SAVEPOINT spokewire");
    for (PlannedRow row : missing) {
      outcome.missing(row);
    }
    return true;
  }

  /** Whether a key change onto a taken key could be done in its other form. */
  private boolean replaced(Run run, PlannedRow row, Refusal refusal) throws SQLException {
    if (refusal.scope() != Refusal.Scope.TAKEN
        || !(row.change() instanceof RowChange.KeyChange change)) {
      return false;
    }
    session.execute("SAVEPOINT spokewire");
    try {
      boolean done = session.writer().replaceKey(run, change);
      session.execute("RELEASE SAVEPOINT spokewire");
      return done;
    } catch (SQLException e) {
      if (session.refusal(e).kind() != Refusal.Kind.FOR_GOOD) {
        throw e;
      }
      session.execute("ROLLBACK TO SAVEPOINT spokewire");
      return false;
    }
  }
}
