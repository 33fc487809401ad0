package io.spokewire.common.change;

/**
 * What a value means, whatever the engine. Each type has one canonical byte form, so that two
 * engines' spellings of one value never look like a conflict. A value that a column holds and its
 * logical type does not is a {@link OneSidedValue}.
 */
public enum LogicalType {
  /** One byte, {@code 't'} or {@code 'f'}. */
  BOOLEAN(1),
  /** ASCII decimal digits with an optional minus: no plus, no leading zero, any size. */
  INTEGER(2),
  /**
   * ASCII plain notation, scale kept ({@code 1.50}), no exponent, no plus, no leading zeros; or
   * {@code NaN}, {@code Infinity}, {@code -Infinity}.
   */
  DECIMAL(3),
  /** Four bytes, IEEE 754 bits, big-endian. */
  FLOAT32(4),
  /** Eight bytes, IEEE 754 bits, big-endian. */
  FLOAT64(5),
  /** UTF-8. */
  TEXT(6),
  /** The bytes. */
  BYTES(7),
  /**
   * Four bytes, days since 1970-01-01 (proleptic Gregorian), big-endian; extremes are ±infinity.
   */
  DATE(8),
  /** Eight bytes, microseconds since midnight, big-endian; may be 24:00:00 or beyond. */
  TIME(9),
  /**
   * Eight bytes, microseconds since 1970-01-01 of a local time, big-endian; extremes: ±infinity.
   */
  TIMESTAMP(10),
  /** Eight bytes, microseconds since 1970-01-01 UTC, big-endian; extremes are ±infinity. */
  TIMESTAMP_TZ(11),
  /** Sixteen bytes. */
  UUID(12),
  /** UTF-8 JSON text exactly as the source keeps it. */
  JSON(13),
  /** The engine's own text form, for types that have no equal elsewhere; UTF-8. */
  NATIVE(15);

  private static final LogicalType[] BY_CODE = new LogicalType[16];

  static {
    for (LogicalType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;

  LogicalType(int code) {
    this.code = code;
  }

  /** The number on the wire and in hashes. Never changes. */
  public int code() {
    return code;
  }

  /** How many bytes every value of it has; 0 if that differs from value to value. */
  public int fixedLength() {
    return switch (this) {
      case BOOLEAN -> 1;
      case FLOAT32, DATE -> 4;
      case FLOAT64, TIME, TIMESTAMP, TIMESTAMP_TZ -> 8;
      case UUID -> 16;
      case INTEGER, DECIMAL, TEXT, BYTES, JSON, NATIVE -> 0;
    };
  }

  /** The type with this wire number. */
  public static LogicalType ofCode(int code) {
    LogicalType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    if (type == null) {
      throw new IllegalArgumentException("unknown logical type " + code + ": newer peer?");
    }
    return type;
  }
}
