package io.spokewire.hub.topology;

import java.util.OptionalLong;

/**
 * When the log had reached which position, noted now and then. Entries bear the times of the
 * databases that made them, which says nothing of when they came. Durable when a call returns.
 * Owned by one thread.
 */
public interface LogTimes {
  /**
   * The log ends here now.
   *
   * @param micros the hub's clock, microseconds since 1970 UTC
   */
  void note(long position, long micros);

  /** When this position was in the log at the latest; empty if that was not noted yet. */
  OptionalLong loggedBy(long position);

  /** Nobody will ask about positions up to here. */
  void forgetThrough(long position);
}
