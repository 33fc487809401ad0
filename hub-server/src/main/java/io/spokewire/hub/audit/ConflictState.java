package io.spokewire.hub.audit;

import java.util.Locale;

/** Where a conflict stands. */
public enum ConflictState {
  /** A rule decided. */
  SETTLED,
  /** What holds now holds until a person decides. */
  OPEN,
  /** A person decided what was open. */
  DECIDED,
  /** A person took the decision back. */
  REVERTED;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ConflictState ofLabel(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
