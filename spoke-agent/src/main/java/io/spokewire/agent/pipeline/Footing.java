package io.spokewire.agent.pipeline;

import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.Standing;
import io.spokewire.common.id.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * How this agent stands with its hub at one moment. Immutable.
 *
 * @param session null while there is none
 * @param beginning counts how often data began to flow; a new one means: begin to send again
 * @param sendAfter the uplink sends what comes after this transaction, as of that beginning
 */
record Footing(
    @Nullable HubSession session,
    Standing standing,
    String reason,
    boolean paused,
    long beginning,
    Sequence sendAfter) {
  static final Footing NONE =
      new Footing(null, Standing.JOINING, "not connected yet", false, 0, Sequence.NONE);

  /** Whether data may go both ways. */
  boolean flows() {
    return session != null && session.isOpen() && standing == Standing.LIVE && !paused;
  }
}
