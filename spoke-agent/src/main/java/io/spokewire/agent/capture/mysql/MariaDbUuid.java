package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.schema.mysql.MyValueEncoder;
import io.spokewire.common.change.TupleWriter;

/**
 * MariaDB's UUIDs as it stores them: those of versions 1 to 5 with their parts turned round, so
 * that they sort by time; 6 to 8 as they are.
 */
final class MariaDbUuid {
  private MariaDbUuid() {}

  static void put(byte[] stored, MyValueEncoder encoder, TupleWriter out) {
    // Turned round, the variant, whose first bit is set, comes before the version.
    boolean turned = stored[6] < 0 && stored[8] > 0 && stored[8] < 0x60;
    if (!turned) {
      encoder.uuid(big(stored, 0, 8), big(stored, 8, 8), out);
    } else {
      long high = big(stored, 12, 4) << 32 | big(stored, 10, 2) << 16 | big(stored, 8, 2);
      long low = big(stored, 6, 2) << 48 | big(stored, 0, 6);
      encoder.uuid(high, low, out);
    }
  }

  private static long big(byte[] array, int offset, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | (array[offset + i] & 0xFF);
    }
    return value;
  }
}
