package io.spokewire.hub.observe;

import java.time.Duration;

/** Amounts as people read them. Pure. */
public final class Readable {
  private Readable() {}

  /** {@code 40 s}, {@code 12 min}, {@code 3 h}, {@code 2 d}: rounded down, in one unit. */
  public static String span(Duration span) {
    if (span.toMinutes() < 2) {
      return span.toSeconds() + " s";
    }
    if (span.toHours() < 2) {
      return span.toMinutes() + " min";
    }
    return span.toDays() < 2 ? span.toHours() + " h" : span.toDays() + " d";
  }

  /** {@code 640 KB}, {@code 128 MB}: rounded down. */
  public static String bytes(long bytes) {
    return bytes < 10L << 20 ? (bytes >> 10) + " KB" : (bytes >> 20) + " MB";
  }
}
