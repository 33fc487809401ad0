package io.spokewire.common.id;

import java.util.UUID;

/** One question "is everything committed before now everywhere?", asked by {@code syncadm wait}. */
public record BarrierId(UUID id) {
  public static BarrierId parse(String text) {
    return new BarrierId(UUID.fromString(text));
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
