package io.spokewire.agent.apply;

import java.util.Locale;

/** Why a row is set aside. */
public enum ParkReason {
  /** The database refused it. */
  REFUSED,
  /** It changes a row that is missing here, and no local delete explains that. */
  DRIFT,
  /**
   * It changes a row that is missing here, and it is not known yet whether a delete explains it.
   */
  SUSPECT,
  /** Its table here is missing or has another shape: the whole table waits. */
  SCHEMA,
  /** An earlier change of its key is set aside. */
  BEHIND;

  /** As stored and shown. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The reason with this text. */
  public static ParkReason parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
