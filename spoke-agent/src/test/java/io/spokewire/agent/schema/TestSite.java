package io.spokewire.agent.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A test's own database, with an owner who may do everything and the agent's user. */
public interface TestSite extends AutoCloseable {
  /** As the owner. */
  Connection connect() throws SQLException;

  /** Tables of this database. */
  TableScope scope(String... patterns);

  /** As the agent sees it. */
  TableCatalogue catalogue(TableScope scope) throws SQLException;

  /** As the owner, each in a transaction of its own. */
  void run(String... sql) throws SQLException;

  /** As the owner, all in one transaction. */
  default void transaction(boolean commit, String... sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String command : sql) {
        statement.execute(command);
      }
      if (commit) {
        connection.commit();
      } else {
        connection.rollback();
      }
    }
  }

  /** The first value of the first row, as the owner sees it. */
  default String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  void close() throws SQLException;
}
