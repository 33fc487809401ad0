package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.schema.mysql.MyFlavour;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What a trigger logs to tell its session's transactions apart. */
final class TransactionNumber {
  /** Which statement it is, where nothing says which transaction. */
  private static final String STATEMENT = "CONCAT('s', UTC_TIMESTAMP(6) + 0)";

  private static final int NO_TABLE_RIGHT = 1142;
  private static final int NO_DATABASE_RIGHT = 1044;

  private TransactionNumber() {}

  /**
   * How a trigger says which of its session's transactions it is in. No server has a function for
   * it. MySQL's performance schema numbers them; MariaDB's sessions know what they logged last, and
   * so each transaction has another predecessor. Where neither is to be had a statement counts as a
   * transaction: no order is lost, but what was committed together comes in pieces. Apply says it
   * itself, in {@code @spokewire_trx}.
   */
  static String sql(Connection connection) throws SQLException {
    return "COALESCE(@spokewire_trx, " + otherSql(connection) + ")";
  }

  private static String otherSql(Connection connection) throws SQLException {
    if (MyFlavour.of(connection) == MyFlavour.MARIADB) {
      return one(connection, "SELECT @@log_bin").equals("1")
          ? "IF(@@in_transaction AND @@sql_log_bin, CONCAT('g', @@last_gtid), " + STATEMENT + ")"
          : STATEMENT;
    }
    return countsTransactions(connection)
        ? "COALESCE((SELECT CONCAT('e', EVENT_ID)"
            + " FROM performance_schema.events_transactions_current"
            + " WHERE THREAD_ID = PS_CURRENT_THREAD_ID()), "
            + STATEMENT
            + ")"
        : STATEMENT;
  }

  private static boolean countsTransactions(Connection connection) throws SQLException {
    try {
      return one(
              connection,
              "SELECT @@performance_schema AND (SELECT count(*) = 3"
                  + " FROM performance_schema.setup_consumers WHERE ENABLED = 'YES' AND NAME IN"
                  + " ('events_transactions_current', 'thread_instrumentation',"
                  + " 'global_instrumentation')) AND EXISTS (SELECT 1"
                  + " FROM performance_schema.setup_instruments"
                  + " WHERE NAME = 'transaction' AND ENABLED = 'YES')"
                  + " AND (SELECT count(*) >= 0"
                  + " FROM performance_schema.events_transactions_current)")
          .equals("1");
    } catch (SQLException e) {
      if (e.getErrorCode() == NO_TABLE_RIGHT || e.getErrorCode() == NO_DATABASE_RIGHT) {
        return false;
      }
      throw e;
    }
  }

  private static String one(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
