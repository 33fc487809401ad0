package io.spokewire.hub.entry;

import io.spokewire.common.id.Position;

/**
 * Names a conflict for good, from the log alone.
 *
 * @param position of its outcome
 * @param ordinal its place among the outcome's conflicts, from 0
 */
public record ConflictId(Position position, int ordinal) {
  @Override
  public String toString() {
    return position + "." + ordinal;
  }
}
