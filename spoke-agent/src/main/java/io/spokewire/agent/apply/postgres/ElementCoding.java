package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.schema.postgres.PgValueCodec;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import java.sql.SQLException;

/**
 * How the values of a column travel to the server: as elements of a binary array. The common types
 * have a binary form of their own; everything else goes as text, which the statement casts to the
 * column's type, so that arrays of arrays, enums, domains and types of extensions need nothing
 * special and no quoting is ever involved.
 */
enum ElementCoding {
  BOOL("bool", 16),
  INT8("int8", 20),
  FLOAT4("float4", 700),
  FLOAT8("float8", 701),
  BYTEA("bytea", 17),
  DATE("date", 1082),
  TIME("time", 1083),
  TIMESTAMP("timestamp", 1114),
  TIMESTAMPTZ("timestamptz", 1184),
  UUID("uuid", 2950),
  /** UUIDs in the one spelling that PostgreSQL writes: others would come back changed. */
  UUID_TEXT("text", 25),
  TEXT("text", 25);

  private static final int DAYS_TO_2000 = 10_957;
  private static final long MICROS_TO_2000 = DAYS_TO_2000 * 86_400_000_000L;
  // 4714-11-24 BC. An instant before it is one beyond the range of a long, see PgValueCodec.
  private static final long FIRST_INSTANT = -2_440_588L * 86_400_000_000L;

  private final String typeName;
  private final int oid;

  ElementCoding(String typeName, int oid) {
    this.typeName = typeName;
    this.oid = oid;
  }

  /** The element type's name in pg_catalog. */
  String typeName() {
    return typeName;
  }

  /** The element type's oid. */
  int oid() {
    return oid;
  }

  /**
   * The coding for canonical values of {@code type} that go to a column whose base type is {@code
   * targetOid}.
   */
  static ElementCoding of(LogicalType type, int targetOid) {
    return switch (type) {
      case BOOLEAN -> targetOid == BOOL.oid ? BOOL : TEXT;
      case INTEGER ->
          switch (targetOid) {
            case 20, 21, 23 -> INT8; // int8, int2, int4: the server checks the range
            default -> TEXT;
          };
      case FLOAT32 -> targetOid == FLOAT4.oid ? FLOAT4 : TEXT;
      case FLOAT64 -> targetOid == FLOAT8.oid ? FLOAT8 : TEXT;
      case BYTES ->
          switch (targetOid) {
            case 17 -> BYTEA;
            case 2950 -> UUID;
            default -> TEXT;
          };
      case DATE -> targetOid == DATE.oid ? DATE : TEXT;
      case TIME -> targetOid == TIME.oid ? TIME : TEXT;
      case TIMESTAMP -> targetOid == TIMESTAMP.oid ? TIMESTAMP : TEXT;
      case TIMESTAMP_TZ -> targetOid == TIMESTAMPTZ.oid ? TIMESTAMPTZ : TEXT;
      case UUID -> targetOid == UUID.oid ? UUID : TEXT;
      case TEXT -> targetOid == UUID.oid ? UUID_TEXT : TEXT;
      case DECIMAL, JSON, NATIVE -> TEXT;
    };
  }

  /**
   * Appends one element with its length; an SQLException (22003, 22P02) if it can't be expressed. A
   * value that only one engine has goes as its text to a column that is given text.
   */
  void append(LogicalType type, Bytes value, ByteSink out) throws SQLException {
    if (this != TEXT && !holds(type, value)) {
      throw new SQLException("the value is none that its column has", "22P02");
    }
    switch (this) {
      case BOOL -> out.putInt32(1).putByte(value.at(0) == 't' ? 1 : 0);
      case INT8 -> out.putInt32(8).putInt64(parseLong(value));
      case FLOAT4, FLOAT8, BYTEA, TIME, UUID, UUID_TEXT -> out.putInt32(value.length()).put(value);
      case DATE -> out.putInt32(4).putInt32(date(new ByteSource(value).readInt32()));
      case TIMESTAMP, TIMESTAMPTZ ->
          out.putInt32(8).putInt64(instant(new ByteSource(value).readInt64()));
      case TEXT -> appendText(type, value, out);
    }
  }

  private boolean holds(LogicalType type, Bytes value) {
    return switch (this) {
      case UUID -> value.length() == 16;
      case UUID_TEXT ->
          PgValueCodec.isUuid(value.backingArray(), value.backingOffset(), value.length());
      case BOOL -> value.length() == 1 && (value.at(0) == 't' || value.at(0) == 'f');
      default -> !OneSidedValue.is(type, value);
    };
  }

  private static void appendText(LogicalType type, Bytes value, ByteSink out) {
    switch (type) {
      case TEXT, JSON, NATIVE -> out.putInt32(value.length()).put(value);
      default -> {
        ByteSink text = new ByteSink(32);
        PgValueCodec.appendText(type, value, text);
        out.putInt32(text.size()).put(text.backingArray(), 0, text.size());
      }
    }
  }

  private static long parseLong(Bytes digits) throws SQLException {
    byte[] array = digits.backingArray();
    int at = digits.backingOffset();
    int end = at + digits.length();
    if (digits.length() > 18) {
      return parseLongest(digits);
    }
    boolean negative = array[at] == '-';
    long value = 0;
    for (int i = negative ? at + 1 : at; i < end; i++) {
      value = value * 10 + (array[i] - '0');
    }
    return negative ? -value : value;
  }

  private static long parseLongest(Bytes digits) throws SQLException {
    try {
      return Long.parseLong(digits.toUtf8());
    } catch (NumberFormatException e) {
      throw new SQLException("an integer does not fit its column", "22003", e);
    }
  }

  private static int date(int day) {
    return day == Integer.MAX_VALUE || day == Integer.MIN_VALUE ? day : day - DAYS_TO_2000;
  }

  private static long instant(long micros) {
    if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
      return micros;
    }
    return (micros < FIRST_INSTANT ? micros - 2 : micros) - MICROS_TO_2000;
  }
}
