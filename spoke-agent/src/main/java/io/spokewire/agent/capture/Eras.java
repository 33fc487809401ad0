package io.spokewire.agent.capture;

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
public abstract class Eras {
  protected final Connection connection;

  protected Eras(Connection connection) {
    this.connection = connection;
  }

  /** In their order; at least one. */
  public final List<Era> read() throws SQLException {
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
   * Notes the present era before anything is made that another one needs: what stands in the
   * database then no longer tells which one it is. Commits by itself.
   */
  public abstract void keep(Era present) throws SQLException;

  /** Ends the last era and begins the next: both or neither. Commits as the connection does. */
  public abstract void handOver(Era ended, Era begun) throws SQLException;

  /** Forgets an era whose changes nobody needs any more. */
  public final void forget(Era era) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM spokewire.capture_era WHERE number = ?")) {
      delete.setLong(1, era.number());
      delete.executeUpdate();
    }
  }

  /** Whether schema {@code spokewire} has a table of this name. */
  protected abstract boolean exists(String table) throws SQLException;

  /** Sets the columns of an era's row, the first of them behind so many other parameters. */
  protected static void bind(PreparedStatement row, int before, Era era) throws SQLException {
    row.setLong(before + 1, era.number());
    row.setBoolean(before + 2, era.byTriggers());
    row.setBytes(before + 3, era.begin().token().toByteArray());
    row.setBytes(before + 4, era.end().map(p -> p.token().toByteArray()).orElse(null));
  }
}
