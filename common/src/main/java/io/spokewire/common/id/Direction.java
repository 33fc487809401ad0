package io.spokewire.common.id;

import java.util.Locale;

/** Which way changes flow between a spoke and the hub. */
public enum Direction {
  /** Sends its changes and receives the others'. */
  BOTH,
  /** Sends only. */
  PUSH,
  /** Receives only. */
  PULL;

  public boolean sends() {
    return this != PULL;
  }

  public boolean receives() {
    return this != PUSH;
  }

  /** As commands and files have it: {@code both}, {@code push}, {@code pull}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The direction with this label. */
  public static Direction ofLabel(String label) {
    for (Direction direction : values()) {
      if (direction.label().equals(label)) {
        return direction;
      }
    }
    throw new IllegalArgumentException("direction '" + label + "': use both, push or pull");
  }
}
