package io.spokewire.agent.pipeline;

import io.spokewire.agent.settings.AgentState;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;

/**
 * What the hub said to an agent whose database went back in time, once somebody let it take part
 * again.
 *
 * @param before how the hub knew the spoke until now
 * @param epoch of the writer from now on
 * @param start what the database holds: the hub sends everything after it
 * @param known the last transaction of the life before that the hub has
 */
public record NewLife(AgentState.Membership before, Epoch epoch, Position start, Sequence known) {}
