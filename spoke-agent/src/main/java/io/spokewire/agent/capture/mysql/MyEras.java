package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.Eras;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Writes in single statements: making a table, or locking them all, ends a transaction. */
public final class MyEras extends Eras {
  public MyEras(Connection connection) {
    super(connection);
  }

  @Override
  public void keep(Era present) throws SQLException {
    if (!exists("capture_era")) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE spokewire.capture_era (number bigint PRIMARY KEY,"
                + " by_triggers boolean NOT NULL, began longblob NOT NULL, ended longblob)"
                + " ENGINE = InnoDB");
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement("REPLACE INTO spokewire.capture_era VALUES (?, ?, ?, ?)")) {
      bind(insert, 0, present);
      insert.executeUpdate();
    }
  }

  @Override
  public void handOver(Era ended, Era begun) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "REPLACE INTO spokewire.capture_era VALUES (?, ?, ?, ?), (?, ?, ?, ?)")) {
      bind(insert, 0, ended);
      bind(insert, 4, begun);
      insert.executeUpdate();
    }
  }

  @Override
  protected boolean exists(String table) throws SQLException {
    return MyChangeLog.exists(connection, table);
  }
}
