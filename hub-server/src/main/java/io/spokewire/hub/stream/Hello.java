package io.spokewire.hub.stream;

import io.spokewire.common.id.Position;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is and has.
 *
 * @param protocolMin the lowest protocol version it speaks
 * @param protocolMax the highest
 * @param capture how its changes are captured; empty if it sends none
 * @param session the last session number it made durable; 0 at first
 * @param epoch its spoke's life as it knows it; 0 when it does not know yet
 * @param checkpoint what its database itself holds; null before the first apply
 * @param outboxSequence the last transaction in its outbox; 0 when that is empty
 * @param hasHistory whether it has capture state of its own
 * @param clockMicros its clock, microseconds since 1970 UTC
 */
public record Hello(
    int protocolMin,
    int protocolMax,
    String agentVersion,
    String engine,
    String engineVersion,
    String capture,
    long session,
    int epoch,
    @Nullable Position checkpoint,
    long outboxSequence,
    boolean hasHistory,
    long clockMicros) {}
