package io.spokewire.agent.stream;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;

/**
 * What the hub durably has of this writer when a session begins, and what it expects.
 *
 * @param last the last transaction the hub has; NONE before the first
 * @param lastContext its context, or a later mark's
 * @param head the last entry of the hub's log
 * @param start a spoke without a checkpoint begins after this position
 * @param frameBytes largest payload of a frame
 * @param earlierLast the last transaction that the hub has of the epoch we greeted with, where it
 *     has a later one; NONE otherwise
 */
public record Reception(
    long session,
    SpokeId spoke,
    Direction direction,
    Epoch epoch,
    Sequence last,
    ChainHash lastHash,
    SourcePosition lastSource,
    Context lastContext,
    HybridTime lastTime,
    Position head,
    Position start,
    Standing standing,
    String standingReason,
    boolean paused,
    PlanScope plan,
    int frameBytes,
    Sequence earlierLast) {}
