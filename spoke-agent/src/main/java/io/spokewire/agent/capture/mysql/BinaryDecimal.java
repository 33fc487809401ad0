package io.spokewire.agent.capture.mysql;

import io.spokewire.common.bytes.ByteSink;

/**
 * MySQL's decimals as they lie in rows: nine digits in four bytes, the rest in as few as hold it.
 */
final class BinaryDecimal {
  private static final int[] BYTES = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

  private BinaryDecimal() {}

  static int length(int precision, int scale) {
    int whole = precision - scale;
    return whole / 9 * 4 + BYTES[whole % 9] + scale / 9 * 4 + BYTES[scale % 9];
  }

  /** Appends its text, with the whole scale and without leading zeros. */
  static void append(byte[] array, int offset, int precision, int scale, ByteSink out) {
    int start = out.size();
    boolean negative = (array[offset] & 0x80) == 0;
    int flip = negative ? 0xFF : 0;
    int at = offset;
    int whole = precision - scale;
    boolean nonZero = false;
    if (negative) {
      out.putByte('-');
    }
    int digits = out.size();
    for (int left = whole; left > 0; ) {
      int group = left % 9 == 0 ? 9 : left % 9;
      int value = read(array, at, BYTES[group], flip, at == offset);
      at += BYTES[group];
      nonZero |= value != 0;
      if (out.size() > digits) {
        appendPadded(value, group, out);
      } else if (value != 0) {
        appendPadded(value, digitsOf(value), out);
      }
      left -= group;
    }
    if (out.size() == digits) {
      out.putByte('0');
    }
    if (scale > 0) {
      out.putByte('.');
    }
    for (int left = scale; left > 0; ) {
      int group = Math.min(9, left);
      int value = read(array, at, BYTES[group], flip, at == offset);
      at += BYTES[group];
      nonZero |= value != 0;
      appendPadded(value, group, out);
      left -= group;
    }
    if (negative && !nonZero) {
      byte[] positive = out.toBytes(start + 1).toByteArray();
      out.truncate(start);
      out.put(positive);
    }
  }

  private static int read(byte[] array, int at, int bytes, int flip, boolean first) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      int octet = (array[at + i] & 0xFF) ^ flip;
      // The very first bit is the sign.
      value = value << 8 | (first && i == 0 ? octet ^ 0x80 : octet);
    }
    return value;
  }

  private static int digitsOf(int value) {
    int digits = 1;
    for (int rest = value / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static void appendPadded(int value, int digits, ByteSink out) {
    int unit = 1;
    for (int i = 1; i < digits; i++) {
      unit *= 10;
    }
    for (; unit > 0; unit /= 10) {
      out.putByte('0' + value / unit % 10);
    }
  }
}
