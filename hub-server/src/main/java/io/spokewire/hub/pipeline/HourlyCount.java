package io.spokewire.hub.pipeline;

import java.time.Instant;
import java.util.Arrays;

/** How often something happened within the last hour, to the minute. Not thread-safe. */
final class HourlyCount {
  private static final int MINUTES = 60;

  private final long[] counts = new long[MINUTES];
  private long minute;

  void add(long times, Instant now) {
    turnTo(now);
    counts[(int) (minute % MINUTES)] += times;
  }

  long lastHour(Instant now) {
    turnTo(now);
    return Arrays.stream(counts).sum();
  }

  private void turnTo(Instant now) {
    long current = now.getEpochSecond() / MINUTES;
    for (long passed = Math.max(minute + 1, current - MINUTES + 1); passed <= current; passed++) {
      counts[(int) (passed % MINUTES)] = 0;
    }
    minute = Math.max(minute, current);
  }
}
