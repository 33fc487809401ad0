package io.spokewire.agent.capture.trigger;

import io.spokewire.common.fault.Fault;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What triggers write and capture reads, in batches whose ends are kept. Over one connection, by
 * one thread; commits as the connection does.
 */
public interface ChangeLog {
  /** Whether its tables are there. */
  boolean exists() throws SQLException;

  /** The first batch that is known; what it holds was forgotten, or never was for us. */
  Optional<Long> first() throws SQLException;

  /** The batch that ends last. */
  Optional<Long> last() throws SQLException;

  /** Forgets every batch up to this one; its end stays known. */
  void forget(long batch) throws SQLException;

  /** How many bytes it takes in the database; 0 if it is empty. */
  long bytes() throws SQLException;

  /** Takes the tables away. */
  void drop() throws SQLException;

  /** The fault for a place that the log no longer has, or does not have yet. */
  Fault lost(Object place, String reason);
}
