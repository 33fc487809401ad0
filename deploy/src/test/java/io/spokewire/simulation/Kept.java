package io.spokewire.simulation;

import java.util.Objects;

/**
 * A value of the hub that a model database keeps off, because a write of its own users may be
 * pending there.
 *
 * @param field a column, or {@link #WHOLE} for the row
 * @param low the last position that is seen there
 * @param markedAt the position under whose marker capture has met what stands there instead
 * @param hub what the hub has: the field's value alone, the row by column, or null for no row
 * @param seen what stands there instead; null for no row
 */
record Kept(Tables.Key key, int field, long low, long markedAt, String[] hub, String seen) {
  static final int WHOLE = -1;

  boolean isWhole() {
    return field == WHOLE;
  }

  boolean concerns(Tables.Key other, int otherField) {
    return key.equals(other) && (isWhole() || field == otherField);
  }

  /** What stands in a row where this one speaks of. */
  String textOf(RowState row) {
    if (!row.exists()) {
      return null;
    }
    return isWhole() ? String.join("|", row.values()) : row.values()[field];
  }

  boolean isAsSeen(RowState row) {
    return Objects.equals(textOf(row), seen);
  }

  Kept looked(RowState row, long at) {
    return new Kept(key, field, low, at, hub, textOf(row));
  }

  Kept with(String[] newHub) {
    return new Kept(key, field, low, markedAt, newHub, seen);
  }

  Kept from(long newLow) {
    return new Kept(key, field, newLow, markedAt, hub, seen);
  }
}
