package io.spokewire.hub.admin;

import java.util.Locale;

/** A spoke's state as operators see it, the gravest first; see {@link SpokeStates}. */
public enum SpokeState {
  FENCED,
  NEEDS_RESYNC,
  PAUSED,
  JOINING,
  OFFLINE,
  PARKED,
  LAGGING,
  LIVE;

  /** As commands and metrics have it: {@code needs_resync}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
