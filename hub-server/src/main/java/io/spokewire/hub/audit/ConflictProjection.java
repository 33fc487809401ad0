package io.spokewire.hub.audit;

import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.LogEntry;
import java.time.Instant;
import java.util.List;

/**
 * Where the conflicts of a log are put, once each: what the audit's loop needs of the audit.
 *
 * <p>Threading: {@link #projectedThrough} and {@link #knows} by any thread, the rest by one.
 */
public interface ConflictProjection {
  /** Whether it was seen: until then nothing of it is known. */
  boolean isReady();

  /** Makes sure of it and learns how far it is; does nothing once that is done. */
  void prepare();

  /**
   * Up to where this log is projected, durably; number 0 before the first time. The log must not be
   * trimmed beyond it.
   *
   * @param log any position of the log that is asked about
   */
  Position projectedThrough(Position log);

  /**
   * The latest commit among the entries that were projected.
   *
   * @param log any position of the log that is asked about
   */
  Instant latestIn(Position log);

  /** Whether anything of this log was projected yet. */
  boolean knows(Position log);

  /**
   * Begins a log somewhere else than at its first entry: what is at or before this position will
   * never be projected. Only for an audit that does not know the log yet.
   */
  void beginAfter(Position position);

  /**
   * Writes what these entries hold for the audit and moves {@link #projectedThrough} to the last of
   * them, all or nothing, durable at the return. Entries projected before are skipped.
   *
   * @param after the caller's word: between {@link #projectedThrough} and this there is nothing for
   *     the audit
   * @param latest the latest commit among the entries through {@code after}
   * @param entries of one log, in order and without a gap after {@code after}
   */
  void project(Position after, Instant latest, List<LogEntry> entries);

  /**
   * Moves {@link #projectedThrough} on, durably.
   *
   * @param through the caller's word: there is nothing up to this that is not in the audit
   * @param latest the latest commit among the entries through it
   */
  void projected(Position through, Instant latest);

  /**
   * Deletes the oldest conflicts from before a time.
   *
   * @param most how many at most
   * @return how many
   */
  int prune(Instant before, int most);
}
