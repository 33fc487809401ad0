package io.spokewire.agent.apply;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import java.util.Optional;
import java.util.UUID;

/**
 * Whose a database is, as its table {@code spokewire.identity} says.
 *
 * @param spoke the spoke's name
 * @param instance the agent's own id, kept in its data directory
 */
public record DatabaseOwner(String spoke, UUID instance) {
  /**
   * Asks that this is us.
   *
   * @param own empty for an agent that never was in a database
   * @param hint what to do if it is not
   * @throws Fault REFUSED if it belongs to another spoke or another data directory
   */
  public void demand(SpokeId us, Optional<UUID> own, String hint) {
    if (spoke.equals(us.name()) && own.equals(Optional.of(instance))) {
      return;
    }
    String whose =
        spoke.equals(us.name())
            ? "another data directory of spoke " + spoke
            : "spoke " + spoke + ", and this is " + us;
    throw Fault.of(FaultKind.REFUSED, "claim the database", "it belongs to " + whose)
        .at("spokewire.identity")
        .hint(hint)
        .build();
  }
}
