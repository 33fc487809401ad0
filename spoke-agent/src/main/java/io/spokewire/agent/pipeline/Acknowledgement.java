package io.spokewire.agent.pipeline;

import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;

/** What the hub durably has of ours. */
record Acknowledgement(Sequence sequence, SourcePosition position) {
  static final Acknowledgement NONE = new Acknowledgement(Sequence.NONE, SourcePosition.NONE);
}
