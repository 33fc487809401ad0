package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.Eras;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Writes in the connection's transaction, since PostgreSQL makes tables in one too. */
public final class PgEras extends Eras {
  public PgEras(Connection connection) {
    super(connection);
  }

  @Override
  public void keep(Era present) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS spokewire.capture_era (number bigint PRIMARY KEY,"
              + " by_triggers boolean NOT NULL, began bytea NOT NULL, ended bytea)");
      put(present);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** To be called in a transaction. */
  @Override
  public void handOver(Era ended, Era begun) throws SQLException {
    put(ended);
    put(begun);
  }

  private void put(Era era) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.capture_era VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (number) DO UPDATE SET ended = excluded.ended")) {
      bind(insert, 0, era);
      insert.executeUpdate();
    }
  }

  @Override
  protected boolean exists(String table) throws SQLException {
    return PgChangeLog.exists(connection, table);
  }
}
