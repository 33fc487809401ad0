package io.spokewire.common.credential;

/** A password or key that never shows itself: {@link #toString()} hides it. Immutable. */
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  /** The secret itself; hand it straight to whoever needs it. */
  public String value() {
    return value;
  }

  @Override
  public String toString() {
    return "(hidden)";
  }
}
