package io.spokewire.deploy.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** A way from a source database to a target database, ready and warm, that can be held back. */
interface Replication extends AutoCloseable {
  String name();

  Dialect dialect();

  /** A connection to the database that is written to. The caller closes it. */
  Connection source() throws SQLException;

  /** A connection to the database that follows. The caller closes it. */
  Connection target() throws SQLException;

  /** Stops following; changes pile up in the source's log. */
  void hold() throws SQLException;

  /** Goes on. */
  void release() throws SQLException;

  @Override
  void close() throws IOException;

  /** CPU seconds so far of each process that takes part, by a readable name. */
  Map<String, Double> cpuSeconds();
}
