package io.spokewire.agent.capture.mysql;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.id.SourcePosition;
import java.nio.charset.StandardCharsets;

/** How a set of GTIDs is a position. */
final class GtidToken {
  private GtidToken() {}

  static SourcePosition of(long count, String text) {
    return new SourcePosition(
        new ByteSink(8 + text.length())
            .putInt64(count)
            .put(text.getBytes(StandardCharsets.US_ASCII))
            .toBytes());
  }

  /** The text; empty for NONE. */
  static String text(SourcePosition position) {
    if (position.isNone()) {
      return "";
    }
    ByteSource source = new ByteSource(position.token());
    source.readInt64();
    return source.read(source.remaining()).toUtf8();
  }
}
