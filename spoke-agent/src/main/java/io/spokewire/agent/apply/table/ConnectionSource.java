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
}
