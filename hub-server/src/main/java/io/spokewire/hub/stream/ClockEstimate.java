package io.spokewire.hub.stream;

import java.util.Arrays;

/**
 * How far an agent's clock is from the hub's, from what its heartbeats say. A heartbeat is on its
 * way for a while, so each alone shows the clock too far back, by that while; the best of the last
 * ones is what was fastest. (Half a round trip would not do: the two sides beat when it suits them,
 * and an echo waits for the next beat.) Owned by one thread.
 */
final class ClockEstimate {
  private static final int BEATS = 10;

  private final long[] offsets = new long[BEATS];
  private int next;

  ClockEstimate() {
    Arrays.fill(offsets, Long.MIN_VALUE);
  }

  /**
   * @param theirs the agent's clock when it sent, microseconds since 1970 UTC
   * @param ours the hub's when it received
   * @return the agent's clock minus the hub's, less the time that the fastest of the last ten
   *     heartbeats was on its way
   */
  long offsetMicros(long theirs, long ours) {
    offsets[next] = theirs - ours;
    next = (next + 1) % BEATS;
    return Arrays.stream(offsets).max().orElse(0);
  }
}
