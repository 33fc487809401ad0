package io.spokewire.agent.pipeline.mysql;

import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.common.bytes.Bytes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A barrier's mark as a row of {@code spokewire.barrier}, where the binlog captures. */
public final class MyLogMark implements MarkRow {
  @Override
  public void write(Connection connection, Bytes sealed) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("REPLACE INTO spokewire.barrier (id, mark) VALUES (1, ?)")) {
      statement.setBytes(1, sealed.toByteArray());
      statement.executeUpdate();
    }
  }
}
