package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.util.Optional;

/**
 * Where this agent captures: what the capture loop needs of one engine beside the stream of
 * changes.
 *
 * <p>Threading: {@link #retention} and {@link #demandWhole} by any, the rest by the capture loop's
 * thread. Errors: a fault that heals while the database is away.
 */
public interface CaptureSite {
  /** Opens the log for the tables that are in use now. */
  ChangeSource.Factory sources();

  /** What the source was told it may forget. */
  SourcePosition confirmed();

  /**
   * What the database itself says is applied, as of now; empty before the first apply, and for a
   * spoke that receives nothing.
   */
  Optional<Position> applied();

  /**
   * The place in the log where this position had just been applied; empty if the log no longer has
   * it. Reads what the source keeps, and frees nothing.
   */
  Optional<SourcePosition> find(Position applied) throws InterruptedException;

  /** The same; where the source stands, if the log no longer has that place. */
  default SourcePosition after(Position applied) throws InterruptedException {
    return find(applied).orElseGet(this::confirmed);
  }

  /**
   * What the source keeps of its log for us.
   *
   * @throws io.spokewire.common.fault.Fault NEGATIVE if the source is gone, so that changes of this
   *     site may be missing
   */
  Retention retention();

  /**
   * Compares what the source gives with what it gave before.
   *
   * @throws io.spokewire.common.fault.Fault NEGATIVE if changes of the tables in use are, or were
   *     for a while, left out, so that changes of this site may be missing
   */
  void demandWhole();

  /** Frees the source for good ({@code wal_pressure: give_up}); this spoke then needs a resync. */
  void giveUp();
}
