package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.common.id.SourcePosition;

/**
 * Where this agent captures: what the capture loop needs of one engine beside the stream of
 * changes.
 *
 * <p>Threading: the capture loop's thread. Errors: a fault that heals while the database is away.
 */
public interface CaptureSite {
  /** Opens the log for the tables that are in use now. */
  ChangeSource.Factory sources();

  /** What the source was told it may forget. */
  SourcePosition confirmed();

  /** Frees the source for good ({@code wal_pressure: give_up}); this spoke then needs a resync. */
  void giveUp();
}
