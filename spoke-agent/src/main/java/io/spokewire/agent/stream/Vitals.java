package io.spokewire.agent.stream;

/**
 * What a heartbeat says of the agent.
 *
 * @param outboxPending transactions captured and not acknowledged
 * @param capturedMicros commit time of the last captured transaction, microseconds since 1970 UTC;
 *     0 if there is none
 * @param retainedLogBytes how much of its log the source keeps for us
 */
public record Vitals(long outboxPending, long capturedMicros, long retainedLogBytes) {}
