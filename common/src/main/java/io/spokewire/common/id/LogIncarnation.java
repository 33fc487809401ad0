package io.spokewire.common.id;

import java.util.UUID;

/**
 * One life of the hub's log. A restored hub starts a new one, so that no position is ever reused.
 */
public record LogIncarnation(UUID id) {
  public static LogIncarnation parse(String text) {
    return new LogIncarnation(UUID.fromString(text));
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
