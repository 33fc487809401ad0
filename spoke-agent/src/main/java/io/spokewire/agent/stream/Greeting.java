package io.spokewire.agent.stream;

import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.Optional;

/**
 * What the agent is and has when it attaches, for the hub to compare with what it has.
 *
 * @param capture how its changes are captured; empty if it sends none
 * @param session the last session number made durable; 0 before the first
 * @param epoch the writer's, as far as known
 * @param checkpoint what the database itself says is applied
 * @param outbox the last transaction in the outbox; NONE when it is empty
 * @param hasHistory whether the outbox or the database holds anything of ours
 */
public record Greeting(
    String engine,
    String engineVersion,
    String capture,
    long session,
    Epoch epoch,
    Optional<Position> checkpoint,
    Sequence outbox,
    boolean hasHistory) {

  /** Asked before each attempt to attach, on the link's thread. */
  public interface Source {
    /** Empty while the agent does not know yet what it has: the attempt is put off. */
    Optional<Greeting> greeting();
  }
}
