package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Era;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The eras of capture that are not passed, as {@code spokewire.capture_era} has them, so that a
 * handover is one commit. There is no such table before the first. One connection, one thread.
 */
public final class MyEras {
  private final Connection connection;

  public MyEras(Connection connection) {
    this.connection = connection;
  }

  /** In their order; at least one. */
  public List<Era> read() throws SQLException {
    List<Era> eras = new ArrayList<>();
    if (exists("capture_era")) {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT number, by_triggers, began, ended FROM spokewire.capture_era"
                      + " ORDER BY number")) {
        while (row.next()) {
          byte[] ended = row.getBytes(4);
          eras.add(
              new Era(
                  row.getLong(1),
                  row.getBoolean(2),
                  new SourcePosition(Bytes.wrap(row.getBytes(3))),
                  ended == null
                      ? Optional.empty()
                      : Optional.of(new SourcePosition(Bytes.wrap(ended)))));
        }
      }
    }
    return eras.isEmpty() ? List.of(Era.only(exists("change_batch"))) : eras;
  }

  /**
   * Notes the present era before anything is made that another one needs: what stands in the server
   * then no longer tells which one it is.
   */
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
      put(insert, 0, present);
      insert.executeUpdate();
    }
  }

  /** Ends the last era and begins the next, in one statement. */
  public void handOver(Era ended, Era begun) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "REPLACE INTO spokewire.capture_era VALUES (?, ?, ?, ?), (?, ?, ?, ?)")) {
      put(insert, 0, ended);
      put(insert, 4, begun);
      insert.executeUpdate();
    }
  }

  private static void put(PreparedStatement insert, int before, Era era) throws SQLException {
    insert.setLong(before + 1, era.number());
    insert.setBoolean(before + 2, era.byTriggers());
    insert.setBytes(before + 3, era.begin().token().toByteArray());
    insert.setBytes(before + 4, era.end().map(p -> p.token().toByteArray()).orElse(null));
  }

  /** Forgets an era whose changes nobody needs any more. */
  public void forget(Era era) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM spokewire.capture_era WHERE number = ?")) {
      delete.setLong(1, era.number());
      delete.executeUpdate();
    }
  }

  private boolean exists(String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'spokewire'"
                    + " AND TABLE_NAME = '"
                    + table
                    + "'")) {
      return row.next() && row.getBoolean(1);
    }
  }
}
