package io.spokewire.agent.apply;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.bytes.Bytes;

/** Turns a marker into the bytes that only this agent can have written. Safe from any thread. */
public interface MarkerSealing {
  /** The sealed content of a marker message. */
  Bytes seal(AppliedMarker marker);
}
