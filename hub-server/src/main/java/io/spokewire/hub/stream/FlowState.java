package io.spokewire.hub.stream;

import io.spokewire.hub.topology.Spoke;

/**
 * Whether data flows between the hub and a spoke, and from where.
 *
 * @param reason why not, for people; empty when it does
 * @param resumeAfterSequence the agent sends from the next one on
 * @param resumeAfterPosition the hub sends from the next one on
 */
public record FlowState(
    boolean paused,
    Spoke.Standing standing,
    String reason,
    long resumeAfterSequence,
    long resumeAfterPosition) {}
