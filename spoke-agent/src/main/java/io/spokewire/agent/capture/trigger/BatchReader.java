package io.spokewire.agent.capture.trigger;

import io.spokewire.agent.capture.Captured;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the batches of a change log one after the other, and puts their rows together into
 * transactions. Not thread-safe.
 */
public interface BatchReader extends AutoCloseable {
  /** The next event of what was read; null if more must be read. */
  @Nullable Captured poll();

  /**
   * Opens the batch behind the last one, and ends it here if it has no end yet.
   *
   * @param number of the batch
   * @return null if there is nothing new; else it is to be closed before the next one is opened
   */
  @Nullable Batch open(long number) throws SQLException;

  /** Frees what was read and not taken; rows that were given stay with their taker. */
  @Override
  void close();

  /** One batch while it is read. */
  interface Batch {
    /** Whether there is another transaction in it. */
    boolean hasNext();

    /** Passes over the next transaction. */
    void skip() throws SQLException;

    /** Reads the next transaction and no further; its events are ready then. */
    void read(TriggerPosition at) throws SQLException;

    void close() throws SQLException;
  }
}
