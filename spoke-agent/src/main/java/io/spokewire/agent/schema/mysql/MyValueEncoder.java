package io.spokewire.agent.schema.mysql;

import io.spokewire.agent.schema.ClockText;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.NativeType;
import java.nio.charset.StandardCharsets;

/**
 * Brings one column's values, as the log or SQL gives them, into their canonical form, for one
 * column type and the logical type it travels in. No string per value. Not thread-safe.
 *
 * <p>A value that the column holds and the logical type does not, such as {@code 0000-00-00} as a
 * DATE, travels as a {@link OneSidedValue}; only a column of the same kind takes it.
 *
 * <p>Text in must come from a session of {@link MyDatabase}, as bytes of UTF-8; values of binary,
 * spatial and bit columns as their bytes. A FLOAT must be selected as a double ({@code f + 0e0}):
 * the server rounds its text.
 */
public final class MyValueEncoder {
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int[] MONTH_DAYS = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private final Kind kind;
  private final LogicalType type;
  private final int bits;
  private final ByteSink scratch = new ByteSink(64);

  private MyValueEncoder(Kind kind, LogicalType type, int bits) {
    this.kind = kind;
    this.type = type;
    this.bits = bits;
  }

  /** What a value is made of. */
  private enum Kind {
    INTEGER,
    YEAR,
    DECIMAL,
    FLOAT,
    DOUBLE,
    TEXT,
    BYTES,
    BIT,
    DATE,
    TIME,
    DATETIME,
    TIMESTAMP,
    UUID,
    OTHER
  }

  /**
   * The encoder of a column.
   *
   * @param nativeType as the catalogue gives it
   * @param type the logical type its values travel in: {@link MyTypes#logicalType}, or what was
   *     agreed
   * @throws Fault if values of this type can't travel so
   */
  public static MyValueEncoder of(String nativeType, LogicalType type) {
    NativeType parsed = NativeType.parse(DatabaseEngine.MYSQL, nativeType);
    Kind kind = kind(parsed.name());
    int bits = parsed.arguments().isEmpty() ? 1 : parsed.arguments().getFirst();
    boolean fits =
        type == MyTypes.logicalType(nativeType)
            || switch (kind) {
              case INTEGER -> type == LogicalType.DECIMAL || type == LogicalType.BOOLEAN;
              case YEAR -> type == LogicalType.DECIMAL;
              case DECIMAL -> type == LogicalType.INTEGER;
              case FLOAT -> type == LogicalType.FLOAT64;
              case TEXT ->
                  type == LogicalType.TEXT
                      || type == LogicalType.NATIVE
                      || type == LogicalType.JSON
                      || type == LogicalType.UUID;
              case BYTES -> type == LogicalType.UUID;
              case BIT -> type == LogicalType.INTEGER || (type == LogicalType.BOOLEAN && bits == 1);
              case UUID -> type == LogicalType.BYTES || type == LogicalType.TEXT;
              case DATETIME -> type == LogicalType.TIMESTAMP_TZ;
              case TIMESTAMP -> type == LogicalType.TIMESTAMP;
              case DOUBLE, DATE, TIME, OTHER -> false;
            };
    if (!fits) {
      throw Fault.invariant("types", nativeType + " can't travel as " + type);
    }
    return new MyValueEncoder(kind, type, bits);
  }

  private static Kind kind(String name) {
    return switch (name) {
      case "tinyint", "smallint", "mediumint", "int", "integer", "bigint" -> Kind.INTEGER;
      case "year" -> Kind.YEAR;
      case "decimal", "numeric" -> Kind.DECIMAL;
      case "float" -> Kind.FLOAT;
      case "double" -> Kind.DOUBLE;
      case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "enum", "set" ->
          Kind.TEXT;
      case "binary",
          "varbinary",
          "tinyblob",
          "blob",
          "mediumblob",
          "longblob",
          "vector",
          "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection" ->
          Kind.BYTES;
      case "bit" -> Kind.BIT;
      case "date" -> Kind.DATE;
      case "time" -> Kind.TIME;
      case "datetime" -> Kind.DATETIME;
      case "timestamp" -> Kind.TIMESTAMP;
      case "uuid" -> Kind.UUID;
      default -> Kind.OTHER;
    };
  }

  // ---- from SQL

  /** Writes the field whose text (or bytes) SQL gave; NULL is the caller's business. */
  public void writeCanonical(byte[] value, int offset, int length, TupleWriter out) {
    switch (kind) {
      case INTEGER, YEAR -> {
        if (type == LogicalType.BOOLEAN) {
          boolean one = length == 1 && (value[offset] == '0' || value[offset] == '1');
          if (one) {
            putTruth(value[offset] == '1', out);
          } else {
            putOneSided(value, offset, length, out);
          }
        } else {
          int zeros = 0; // of ZEROFILL
          while (zeros < length - 1 && value[offset + zeros] == '0') {
            zeros++;
          }
          out.putValue(value, offset + zeros, length - zeros);
        }
      }
      case DECIMAL -> decimal(value, offset, length, out);
      case FLOAT ->
          float32(
              (float)
                  Double.parseDouble(new String(value, offset, length, StandardCharsets.US_ASCII)),
              out);
      case DOUBLE ->
          float64(
              Double.parseDouble(new String(value, offset, length, StandardCharsets.US_ASCII)),
              out);
      case TEXT, OTHER -> text(value, offset, length, out);
      case BYTES -> bytes(value, offset, length, out);
      case BIT -> bits(value, offset, length, out);
      case UUID -> uuidText(value, offset, length, out);
      case DATE ->
          date(
              number(value, offset, offset + 4),
              number(value, offset + 5, offset + 7),
              number(value, offset + 8, offset + 10),
              out);
      case DATETIME, TIMESTAMP ->
          datetime(
              number(value, offset, offset + 4),
              number(value, offset + 5, offset + 7),
              number(value, offset + 8, offset + 10),
              timeOfDay(value, offset + 11, offset + length),
              out);
      case TIME -> {
        boolean negative = value[offset] == '-';
        long micros = timeOfDay(value, negative ? offset + 1 : offset, offset + length);
        time(negative ? -micros : micros, out);
      }
    }
  }

  private static int number(byte[] text, int from, int end) {
    int value = 0;
    for (int at = from; at < end; at++) {
      value = value * 10 + (text[at] - '0');
    }
    return value;
  }

  /** Microseconds of {@code H…H:MM:SS[.f…f]}. */
  private static long timeOfDay(byte[] text, int from, int end) {
    int colon = from;
    while (text[colon] != ':') {
      colon++;
    }
    long seconds =
        number(text, from, colon) * 3600L
            + number(text, colon + 1, colon + 3) * 60L
            + number(text, colon + 4, colon + 6);
    long micros = 0;
    int point = colon + 6;
    if (point < end) {
      micros = number(text, point + 1, end);
      for (int digits = end - point - 1; digits < 6; digits++) {
        micros *= 10;
      }
    }
    return seconds * 1_000_000 + micros;
  }

  // ---- from the parts of a value

  /** An integer or year; unsigned ones above 2^63 come as negative numbers. */
  public void integer(long value, boolean unsigned, TupleWriter out) {
    if (type == LogicalType.BOOLEAN && (value == 0 || value == 1)) {
      putTruth(value == 1, out);
      return;
    }
    scratch.clear();
    appendNumber(value, unsigned, scratch);
    if (type == LogicalType.BOOLEAN) {
      putOneSided(scratch.backingArray(), 0, scratch.size(), out);
    } else {
      out.putValue(scratch.backingArray(), 0, scratch.size());
    }
  }

  /** A decimal's text: digits, a point and its scale if there is one, a minus. */
  public void decimal(byte[] text, int offset, int length, TupleWriter out) {
    if (type == LogicalType.INTEGER) {
      for (int i = offset; i < offset + length; i++) {
        if (text[i] == '.') {
          putOneSided(text, offset, length, out);
          return;
        }
      }
    }
    out.putValue(text, offset, length);
  }

  public void float32(float value, TupleWriter out) {
    if (type == LogicalType.FLOAT64) {
      out.putInt64Value(Double.doubleToLongBits(value));
    } else {
      out.putInt32Value(Float.floatToIntBits(value));
    }
  }

  public void float64(double value, TupleWriter out) {
    out.putInt64Value(Double.doubleToLongBits(value));
  }

  /** A text, JSON, label or list of labels, in UTF-8. */
  public void text(byte[] utf8, int offset, int length, TupleWriter out) {
    if (type == LogicalType.UUID) {
      uuidText(utf8, offset, length, out);
    } else {
      out.putValue(utf8, offset, length);
    }
  }

  public void bytes(byte[] value, int offset, int length, TupleWriter out) {
    if (type != LogicalType.UUID) {
      out.putValue(value, offset, length);
    } else if (length == 16) {
      out.putInt128Value(int64(value, offset), int64(value, offset + 8));
    } else {
      scratch.clear();
      appendHex(value, offset, length, scratch);
      putOneSided(scratch.backingArray(), 0, scratch.size(), out);
    }
  }

  /** A bit field's bytes, the most significant first. */
  public void bits(byte[] value, int offset, int length, TupleWriter out) {
    if (type == LogicalType.BOOLEAN) {
      putTruth((value[offset + length - 1] & 1) != 0, out);
      return;
    }
    scratch.clear();
    if (type == LogicalType.INTEGER) {
      long number = 0;
      for (int i = offset; i < offset + length; i++) {
        number = number << 8 | (value[i] & 0xFF);
      }
      appendNumber(number, true, scratch);
      out.putValue(scratch.backingArray(), 0, scratch.size());
      return;
    }
    for (int bit = bits - 1; bit >= 0; bit--) {
      int at = length - 1 - (bit >> 3);
      scratch.putByte(at >= 0 && (value[offset + at] >> (bit & 7) & 1) != 0 ? '1' : '0');
    }
    out.putValue(scratch.backingArray(), 0, scratch.size());
  }

  /** An INET4 or INET6 as it is stored. */
  public void address(byte[] value, int offset, int length, TupleWriter out) {
    scratch.clear();
    InetText.append(value, offset, length, scratch);
    out.putValue(scratch.backingArray(), 0, scratch.size());
  }

  public void uuid(long high, long low, TupleWriter out) {
    if (type == LogicalType.TEXT) {
      scratch.clear();
      appendUuid(new ByteSink(16).putInt64(high).putInt64(low).toBytes(), scratch);
      out.putValue(scratch.backingArray(), 0, scratch.size());
    } else {
      out.putInt128Value(high, low);
    }
  }

  public void date(int year, int month, int day, TupleWriter out) {
    if (isDay(year, month, day)) {
      out.putInt32Value((int) epochDay(year, month, day));
      return;
    }
    scratch.clear();
    appendDay(year, month, day, scratch);
    putOneSided(scratch.backingArray(), 0, scratch.size(), out);
  }

  /** A DATETIME, or a TIMESTAMP in UTC. */
  public void datetime(int year, int month, int day, long microsOfDay, TupleWriter out) {
    if (isDay(year, month, day)) {
      out.putInt64Value(epochDay(year, month, day) * MICROS_PER_DAY + microsOfDay);
      return;
    }
    scratch.clear();
    appendDay(year, month, day, scratch);
    scratch.putByte(' ');
    ClockText.appendTime(microsOfDay, scratch);
    putOneSided(scratch.backingArray(), 0, scratch.size(), out);
  }

  /** A TIMESTAMP; 0 is the server's zero date, for it has no other use of that second. */
  public void timestamp(long epochMicros, TupleWriter out) {
    if (epochMicros == 0) {
      datetime(0, 0, 0, 0, out);
    } else {
      out.putInt64Value(epochMicros);
    }
  }

  /** A TIME of any sign and size. */
  public void time(long micros, TupleWriter out) {
    out.putInt64Value(micros);
  }

  private void uuidText(byte[] text, int offset, int length, TupleWriter out) {
    long high = 0;
    long low = 0;
    boolean canonical = length == 36;
    for (int i = 0, digit = 0; canonical && i < 36; i++) {
      int c = text[offset + i];
      if (i == 8 || i == 13 || i == 18 || i == 23) {
        canonical = c == '-';
        continue;
      }
      int nibble = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      canonical = nibble >= 0;
      if (digit++ < 16) {
        high = high << 4 | nibble;
      } else {
        low = low << 4 | nibble;
      }
    }
    if (canonical) {
      uuid(high, low, out);
    } else {
      putOneSided(text, offset, length, out);
    }
  }

  private static void putTruth(boolean value, TupleWriter out) {
    out.putValue(value ? TRUE : FALSE, 0, 1);
  }

  private static final byte[] TRUE = {'t'};
  private static final byte[] FALSE = {'f'};

  private void putOneSided(byte[] text, int offset, int length, TupleWriter out) {
    out.putValue(OneSidedValue.of(type, Bytes.wrap(text, offset, length)));
  }

  private static void appendUuid(Bytes value, ByteSink out) {
    for (int i = 0; i < 16; i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) {
        out.putByte('-');
      }
      int octet = value.at(i);
      out.putByte(HEX[octet >> 4 & 0xF]).putByte(HEX[octet & 0xF]);
    }
  }

  // ---- numbers and days

  /** Decimal digits. */
  static void appendNumber(long value, boolean unsigned, ByteSink out) {
    long rest = value;
    if (rest < 0 && !unsigned) {
      out.putByte('-');
      rest = -rest; // the smallest one stays what it is, and is right as an unsigned number
    }
    if (rest < 0) {
      long head = Long.divideUnsigned(rest, 10);
      appendNumber(head, true, out);
      out.putByte((int) ('0' + (rest - head * 10)));
      return;
    }
    long unit = 1;
    while (rest / unit >= 10) {
      unit *= 10;
    }
    for (; unit > 0; unit /= 10) {
      out.putByte((int) ('0' + rest / unit % 10));
    }
  }

  private static void appendHex(byte[] value, int offset, int length, ByteSink out) {
    for (int i = offset; i < offset + length; i++) {
      out.putByte(HEX[value[i] >> 4 & 0xF]).putByte(HEX[value[i] & 0xF]);
    }
  }

  /** Whether the calendar has the day; MySQL keeps others too. */
  private static boolean isDay(int year, int month, int day) {
    if (year < 1 || month < 1 || month > 12 || day < 1) {
      return false;
    }
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= (month == 2 && leap ? 29 : MONTH_DAYS[month]);
  }

  /** Days since 1970-01-01 in the proleptic Gregorian calendar. */
  private static long epochDay(long year, int month, int day) {
    // Years begin in March here, so that the leap day is the last day of a year.
    long y = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(y, 400L);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  private static void appendDay(int year, int month, int day, ByteSink out) {
    ClockText.appendPadded(year, 4, out);
    out.putByte('-');
    ClockText.appendPadded(month, 2, out);
    out.putByte('-');
    ClockText.appendPadded(day, 2, out);
  }

  private static long int64(byte[] array, int offset) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      result = result << 8 | (array[offset + i] & 0xFF);
    }
    return result;
  }
}
