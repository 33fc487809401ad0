package io.spokewire.hub.observe;

/** What the row window takes, for metrics. One thread writes, any reads. */
public final class WindowMeter {
  private volatile Reading reading = new Reading(0, 0, 0);

  /**
   * @param bytes about how much memory the rows that can still be in conflict take
   * @param limit how much they may
   * @param cold rows that memory had no room for
   */
  public record Reading(long bytes, long limit, long cold) {}

  public void write(Reading now) {
    reading = now;
  }

  public Reading read() {
    return reading;
  }
}
