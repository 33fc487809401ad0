package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;

/**
 * A value that its column holds and the logical type it travels in does not: MySQL's {@code
 * 0000-00-00} as a DATE, the 2 of a {@code tinyint(1)} as a BOOLEAN, a NaN as an INTEGER. It
 * travels as the engine's text behind a zero byte, and a one before that where it takes one byte
 * more for a length that no other value of the type has. Sites whose column can't hold it set its
 * row aside.
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
    ByteSink sink = new ByteSink(text.length() + 2);
    if (text.length() + 1 == type.fixedLength()) {
      sink.putByte(1);
    }
    return sink.putByte(0).put(text).toBytes();
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

  /**
   * The engine's text of a value that {@link #is} one.
   *
   * @throws MalformedBytesException if it only has the length of one
   */
  public static Bytes text(Bytes value) {
    int start = value.length() > 1 && value.at(0) == 1 ? 2 : 1;
    if (value.length() < start || value.at(start - 1) != 0) {
      throw new MalformedBytesException("bytes of no type: " + value.toHex());
    }
    return value.slice(start, value.length() - start);
  }

  private static void requireForm(LogicalType type) {
    if (type.fixedLength() == 0 && type != LogicalType.INTEGER && type != LogicalType.DECIMAL) {
      throw new IllegalArgumentException(type + " holds everything");
    }
  }
}
