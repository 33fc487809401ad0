package io.spokewire.agent.apply.table;

import io.spokewire.common.bytes.Bytes;
import java.sql.Connection;
import java.sql.SQLException;

/** Writes a sealed marker as a row where capture by triggers meets it. */
public interface MarkRow {
  /** Into the connection's transaction. */
  void write(Connection connection, Bytes sealed) throws SQLException;
}
