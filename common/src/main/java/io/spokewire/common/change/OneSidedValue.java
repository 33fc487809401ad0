package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;

/**
 * A value that its column holds and the logical type it travels in does not: MySQL's {@code
 * 0000-00-00} as a DATE, the 2 of a {@code tinyint(1)} as a BOOLEAN, a NaN as an INTEGER. It
 * travels as the engine's text behind a zero byte, in a length that no other value of the type has.
 * Sites whose column can't hold it set its row aside.
 */
public final class OneSidedValue {
  private OneSidedValue() {}

  /**
   * The bytes of such a value.
   *
   * @param type neither TEXT nor BYTES nor JSON nor NATIVE, which hold everything
   * @param text the engine's, not empty
   */
  public static Bytes of(LogicalType type, Bytes text) {
    requireForm(type);
    ByteSink sink = new ByteSink(text.length() + 2).putByte(0);
    if (text.length() + 1 == type.fixedLength()) {
      sink.putByte(0);
    }
    return sink.put(text).toBytes();
  }

  /** Whether these bytes are such a value, of that type. */
  public static boolean is(LogicalType type, Bytes value) {
    return switch (type) {
      case TEXT, BYTES, JSON, NATIVE -> false;
      case INTEGER, DECIMAL -> value.length() > 0 && value.at(0) == 0;
      case BOOLEAN, FLOAT32, FLOAT64, DATE, TIME, TIMESTAMP, TIMESTAMP_TZ, UUID ->
          value.length() != type.fixedLength();
    };
  }

  /** The engine's text of a value that {@link #is} one. */
  public static Bytes text(Bytes value) {
    int start = 0;
    while (start < value.length() && value.at(start) == 0) {
      start++;
    }
    return value.slice(start, value.length() - start);
  }

  private static void requireForm(LogicalType type) {
    if (type.fixedLength() == 0 && type != LogicalType.INTEGER && type != LogicalType.DECIMAL) {
      throw new IllegalArgumentException(type + " holds everything");
    }
  }
}
