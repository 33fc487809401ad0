package io.spokewire.agent.apply;

import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.Optional;

/**
 * How far capture is in the log of the database that is applied to. The pipeline implements it,
 * because it sees capture and apply. Answers without waiting; safe from any thread.
 */
public interface CapturedWrites {
  /** For a spoke whose own changes are not captured: it has none that anybody waits for. */
  CapturedWrites NONE = marker -> Optional.of(Sequence.NONE);

  /**
   * A local transaction that is at or after every one that was committed before the applied
   * transaction whose marker names this position; empty while capture has not met it.
   */
  Optional<Sequence> through(Position marker);
}
