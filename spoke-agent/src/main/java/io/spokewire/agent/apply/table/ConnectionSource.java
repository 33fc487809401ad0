package io.spokewire.agent.apply.table;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/** Opens connections to the site's database; knows address and credentials. */
public interface ConnectionSource {
  /**
   * A new connection.
   *
   * @param properties driver properties that the caller needs, over those of the source
   */
  Connection open(Properties properties) throws SQLException;

  /** Makes something of a new connection, which is closed if that fails. */
  default <T> T open(Properties properties, Opening<T> opening) throws SQLException {
    Connection connection = open(properties);
    try {
      return opening.of(connection);
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** What is made of a connection, and owns it then. */
  interface Opening<T> {
    T of(Connection connection) throws SQLException;
  }
}
