package io.spokewire.agent.schema;

import io.spokewire.common.bytes.ByteSink;

/** Numbers and times of day as databases write them, without making objects of them. */
public final class ClockText {
  private ClockText() {}

  /** {@code 03:04:05.000006}, without a fraction that is zero. */
  public static void appendTime(long micros, ByteSink out) {
    long seconds = micros / 1_000_000;
    appendPadded(seconds / 3600, 2, out);
    out.putByte(':');
    appendPadded(seconds / 60 % 60, 2, out);
    out.putByte(':');
    appendPadded(seconds % 60, 2, out);
    long fraction = micros % 1_000_000;
    if (fraction != 0) {
      out.putByte('.');
      appendPadded(fraction, 6, out);
    }
  }

  /** With zeros in front up to this width. */
  public static void appendPadded(long value, int width, ByteSink out) {
    long unit = 1;
    int digits = 1;
    while (digits < width || value / unit >= 10) {
      unit *= 10;
      digits++;
    }
    for (; unit > 0; unit /= 10) {
      out.putByte((int) ('0' + value / unit % 10));
    }
  }
}
