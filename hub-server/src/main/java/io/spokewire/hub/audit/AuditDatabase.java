package io.spokewire.hub.audit;

import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The database behind the audit. What is one engine's own stands behind this; the statements of
 * this package run on all of them. Safe from any thread: each caller gets a connection of its own.
 */
interface AuditDatabase extends AutoCloseable {
  /** A connection that the caller closes. */
  Connection connect() throws SQLException;

  /** Whether the hub can start without reaching it, because it lies somewhere else. */
  boolean mayBeAway();

  /** What an error means, and whether waiting helps. */
  Fault failed(String operation, SQLException cause);

  /** Lets the engine look at its own statistics, now and then. */
  default void tidy(Connection connection) throws SQLException {}

  /** The place, for people; without user and password. */
  @Override
  String toString();

  @Override
  void close();
}
