package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.bytes.Bytes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A barrier's mark as a logical message, where the log captures. */
public final class PgLogMark implements MarkRow {
  @Override
  public void write(Connection connection, Bytes sealed) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)")) {
      statement.setString(1, MarkerSeal.PREFIX);
      statement.setBytes(2, sealed.toByteArray());
      statement.execute();
    }
  }
}
