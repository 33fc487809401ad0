package io.spokewire.agent.schema.mysql;

import io.spokewire.common.bytes.ByteSink;
import java.nio.charset.StandardCharsets;

/** Addresses as MariaDB writes them. */
final class InetText {
  private InetText() {}

  /** Appends an address of 4 or 16 bytes. */
  static void append(byte[] value, int offset, int length, ByteSink out) {
    if (length == 4) {
      appendQuad(value, offset, out);
      return;
    }
    int[] words = new int[8];
    for (int i = 0; i < 8; i++) {
      words[i] = (value[offset + 2 * i] & 0xFF) << 8 | (value[offset + 2 * i + 1] & 0xFF);
    }
    // The first of the longest runs of zeros, unless it is a single one.
    int gap = -1;
    int gapLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && words[end] == 0) {
        end++;
      }
      if (end - i > gapLength) {
        gap = i;
        gapLength = end - i;
      }
      i = Math.max(i, end);
    }
    boolean quad = gap == 0 && (gapLength == 6 || (gapLength == 5 && words[5] == 0xFFFF));
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        out.putByte(':');
        if (i == 0) {
          out.putByte(':');
        }
        i += gapLength - 1;
      } else if (i == 6 && quad) {
        appendQuad(value, offset + 12, out);
        return;
      } else {
        out.put(Integer.toHexString(words[i]).getBytes(StandardCharsets.US_ASCII));
        if (i < 7) {
          out.putByte(':');
        }
      }
    }
  }

  private static void appendQuad(byte[] value, int offset, ByteSink out) {
    for (int i = 0; i < 4; i++) {
      if (i > 0) {
        out.putByte('.');
      }
      MyValueEncoder.appendNumber(value[offset + i] & 0xFF, true, out);
    }
  }
}
