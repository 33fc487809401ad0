package io.spokewire.agent.capture;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a source has of its log that we have not read, or not vouched for, at one moment.
 *
 * @param bytes so much
 * @param left so much more until the source gives it up, and us with it; {@link #UNLIMITED} if it
 *     keeps whatever comes
 * @param reading whether somebody reads from it now, as the source sees it
 * @param purge when the source forgets it whether we have read it or not; null for one that keeps
 *     its log for us
 */
public record Retention(long bytes, long left, boolean reading, @Nullable Purge purge) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Of a source that keeps its log for us. */
  public Retention(long bytes, long left, boolean reading) {
    this(bytes, left, reading, null);
  }

  /** Of a source that purges its log, whoever reads it. */
  public static Retention unkept(long bytes, Purge purge) {
    return new Retention(bytes, UNLIMITED, true, purge);
  }

  /**
   * @param in how long until the first of what is unread may go
   * @param after how long everything is kept
   */
  public record Purge(Duration in, Duration after) {
    /** Nothing is purged by its age. */
    public static final Purge NEVER = new Purge(Duration.ofDays(36_500), Duration.ofDays(36_500));

    /** Whether three quarters of the time are over. */
    public boolean isNear() {
      return in.compareTo(after.dividedBy(4)) < 0;
    }
  }
}
