package io.spokewire.agent.pipeline;

import io.spokewire.agent.queue.Outbox;
import io.spokewire.agent.settings.AgentState;

/** Opens the agent's outbox once it is known which writer it is. */
public interface OutboxFactory {
  /** The outbox of this member; the caller closes it. */
  Outbox open(AgentState.Membership member);
}
