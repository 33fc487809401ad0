package io.spokewire.agent.capture.mysql;

/**
 * One event of a binlog, as bytes.
 *
 * @param type its number
 * @param seconds when it was written, or when its statement began, since 1970 UTC
 * @param server the number of the server that wrote it
 * @param array holds the body, without header and checksum
 */
record BinlogEvent(int type, long seconds, long server, byte[] array, int offset, int length) {
  static final int HEADER = 19;

  static final int QUERY = 2;
  static final int STOP = 3;
  static final int ROTATE = 4;
  static final int FORMAT_DESCRIPTION = 15;
  static final int XID = 16;
  static final int BEGIN_LOAD_QUERY = 17;
  static final int EXECUTE_LOAD_QUERY = 18;
  static final int TABLE_MAP = 19;
  static final int WRITE_ROWS_1 = 23;
  static final int UPDATE_ROWS_1 = 24;
  static final int DELETE_ROWS_1 = 25;
  static final int INCIDENT = 26;
  static final int WRITE_ROWS = 30;
  static final int UPDATE_ROWS = 31;
  static final int DELETE_ROWS = 32;
  static final int GTID = 33;
  static final int ANONYMOUS_GTID = 34;
  static final int XA_PREPARE = 38;
  static final int PARTIAL_UPDATE_ROWS = 39;
  static final int TRANSACTION_PAYLOAD = 40;
  static final int TAGGED_GTID = 42;
  static final int MARIADB_GTID = 162;
  static final int QUERY_COMPRESSED = 165;
  static final int WRITE_ROWS_COMPRESSED_1 = 166;
  static final int UPDATE_ROWS_COMPRESSED_1 = 167;
  static final int DELETE_ROWS_COMPRESSED_1 = 168;
  static final int WRITE_ROWS_COMPRESSED = 169;
  static final int UPDATE_ROWS_COMPRESSED = 170;
  static final int DELETE_ROWS_COMPRESSED = 171;

  /** A cursor over the body. */
  Reader reader() {
    return new Reader(array, offset, offset + length);
  }

  /** Reads little-endian numbers one after the other. Not thread-safe. */
  static final class Reader {
    final byte[] array;
    final int end;
    int at;

    Reader(byte[] array, int from, int end) {
      this.array = array;
      this.at = from;
      this.end = end;
    }

    int remaining() {
      return end - at;
    }

    int u8() {
      return array[at++] & 0xFF;
    }

    int u16() {
      return u8() | u8() << 8;
    }

    long u32() {
      return number(4);
    }

    /** An unsigned number of up to eight bytes. */
    long number(int bytes) {
      long value = 0;
      for (int i = 0; i < bytes; i++) {
        value |= (array[at++] & 0xFFL) << (8 * i);
      }
      return value;
    }

    /** A number of one, three, four or nine bytes, as its first one says. */
    long packed() {
      int first = u8();
      return switch (first) {
        case 252 -> number(2);
        case 253 -> number(3);
        case 254 -> number(8);
        default -> first;
      };
    }

    long int64BigEndian() {
      long value = 0;
      for (int i = 0; i < 8; i++) {
        value = value << 8 | u8();
      }
      return value;
    }

    byte[] bytes(int count) {
      byte[] copy = java.util.Arrays.copyOfRange(array, at, at + count);
      at += count;
      return copy;
    }

    String text(int count) {
      String text = new String(array, at, count, java.nio.charset.StandardCharsets.UTF_8);
      at += count;
      return text;
    }
  }
}
