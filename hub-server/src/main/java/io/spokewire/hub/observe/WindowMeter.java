package io.spokewire.hub.observe;

/** What the row window takes, for metrics. One thread writes, any reads. */
public final class WindowMeter {
  private volatile Reading reading = new Reading(0, 0, false);

  /**
   * @param bytes about how much memory the rows that can still be in conflict take
   * @param limit how much they may
   * @param closed whether transactions are not taken in because of it
   */
  public record Reading(long bytes, long limit, boolean closed) {}

  public void write(Reading now) {
    reading = now;
  }

  public Reading read() {
    return reading;
  }
}
