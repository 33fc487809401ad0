package io.spokewire.hub.stream;

import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.hub.entry.WriterState;

/**
 * What the hub durably has of a spoke, and what it expects.
 *
 * @param session the number of the session that begins; counts once the agent confirmed it
 * @param writer where the spoke's writer stands
 * @param head the end of the log
 * @param flow whether data flows
 * @param start a spoke without a checkpoint begins after this position number
 * @param earlierLast the last transaction of the epoch that the agent is of, where the spoke has a
 *     newer one; NONE otherwise
 */
public record Welcome(
    int protocol,
    long session,
    Direction direction,
    WriterState writer,
    Position head,
    FlowState flow,
    PlanScope plan,
    long start,
    Sequence earlierLast) {}
