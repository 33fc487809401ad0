package io.spokewire.agent.schema;

import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.SQLException;

/** The agent's database, whatever its engine. Safe from any thread. */
public interface LocalDatabase {
  /** A session in autocommit mode, which speaks as the engine's values are read; the caller's. */
  Connection connect() throws SQLException;

  /** What an error during an operation means for us. */
  Fault fault(String operation, SQLException e);
}
