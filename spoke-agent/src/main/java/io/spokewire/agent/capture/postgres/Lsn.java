package io.spokewire.agent.capture.postgres;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.id.SourcePosition;

/** Between PostgreSQL's log positions, unsigned longs, and the tokens others carry. */
final class Lsn {
  private Lsn() {}

  static SourcePosition toPosition(long lsn) {
    return new SourcePosition(new ByteSink(16).putInt64(lsn).toBytes());
  }

  /** 0, which is before everything, for NONE. */
  static long of(SourcePosition position) {
    if (position.isNone()) {
      return 0;
    }
    ByteSource source = new ByteSource(position.token());
    long lsn = source.readInt64();
    if (source.hasRemaining()) {
      throw new IllegalArgumentException("not a PostgreSQL position: " + position);
    }
    return lsn;
  }

  /** As {@code pg_lsn} has it: {@code 16/B374D848}. */
  static String toText(long lsn) {
    return String.format("%X/%X", lsn >>> 32, lsn & 0xFFFF_FFFFL);
  }

  static long parse(String text) {
    int slash = text.indexOf('/');
    return Long.parseLong(text.substring(0, slash), 16) << 32
        | Long.parseLong(text.substring(slash + 1), 16);
  }
}
