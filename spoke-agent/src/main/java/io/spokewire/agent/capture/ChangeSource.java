package io.spokewire.agent.capture;

import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A database's committed changes, in commit order, from one place in its log onwards.
 *
 * <p>Contract: an event is given once per opening; after reopening at a position {@code p}, exactly
 * the events after {@code p} come again, with the same positions and the same canonical rows, so a
 * re-read can be recognised. A transaction with a valid marker of ours comes as {@link
 * Captured.Applied}, any other that touched a table in scope as {@link Captured.Local}.
 *
 * <p>Threading: {@code next} and {@code close} by one thread; {@code confirm} by any.
 *
 * <p>Errors: {@link io.spokewire.common.fault.Fault}. A lost connection heals by itself (close and
 * open again); a slot or log that is gone does not, and its hint says what to do.
 */
public interface ChangeSource extends AutoCloseable {
  /** The next event, or null if none came within {@code wait}. */
  @Nullable Captured next(Duration wait) throws InterruptedException;

  /**
   * Tells the source that everything up to here is durable elsewhere, so that it may forget it.
   * Monotone: an earlier position than before is ignored. Takes effect with the next {@code next}.
   */
  void confirm(SourcePosition upTo);

  @Override
  void close();

  /** Opens a source; one implementation per engine and capture method. */
  interface Factory {
    /**
     * Opens after {@code after}, or at the very place where capture was set up if that is NONE.
     *
     * @throws io.spokewire.common.fault.Fault not healing by itself if the source no longer has
     *     what follows {@code after}: the spoke then needs a resync
     */
    ChangeSource open(SourcePosition after);

    /** The order of two positions of this source, as {@link java.util.Comparator} has it. */
    int compare(SourcePosition a, SourcePosition b);
  }
}
