package io.spokewire.agent.stream;

import io.spokewire.common.id.Sequence;

/**
 * The hub opens or closes the flow of data.
 *
 * @param resumeAfter when not paused: send from the next sequence on
 * @param resumePosition when not paused: the hub sends from the next position on
 */
public record FlowChange(
    boolean paused, Standing standing, String reason, Sequence resumeAfter, long resumePosition) {}
