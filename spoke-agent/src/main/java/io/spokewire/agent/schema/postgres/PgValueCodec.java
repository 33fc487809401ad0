package io.spokewire.agent.schema.postgres;

import io.spokewire.agent.schema.ClockText;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Between PostgreSQL's text form of a value and its canonical form, without a string per value.
 *
 * <p>Text in must come from a session with {@code DateStyle ISO}, {@code TimeZone UTC}, {@code
 * extra_float_digits 3}, {@code IntervalStyle postgres}, {@code bytea_output hex} and {@code
 * client_encoding UTF8}; anything else is refused with a {@link Fault}, never guessed at. Text out
 * is taken by the type's input function under any settings.
 *
 * <p>Instants: PostgreSQL's timestamps end in 294276, microseconds since 1970 fit a long up to
 * 294247-01-10. The years between are kept by wrapping around into the numbers below 4714 BC, which
 * no PostgreSQL timestamp uses.
 */
public final class PgValueCodec {
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  /** PostgreSQL's first timestamp, 4714-11-24 00:00:00 BC. */
  private static final long FIRST_INSTANT = -2_440_588L * MICROS_PER_DAY;

  /** How far an instant beyond the long moves, so that it misses both infinities. */
  private static final long WRAP_SHIFT = 2;

  private static final byte[] INFINITY = ascii("infinity");
  private static final byte[] MINUS_INFINITY = ascii("-infinity");
  private static final byte[] BC = ascii(" BC");
  private static final byte[] HEX = ascii("0123456789abcdef");

  /** Powers of ten that a double holds exactly. */
  private static final double[] EXACT_TENS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private PgValueCodec() {}

  /** Writes the field whose text is given; NULL is the caller's business. */
  public static void writeCanonical(
      LogicalType type, byte[] text, int offset, int length, TupleWriter out) {
    switch (type) {
      case INTEGER, DECIMAL, TEXT, JSON, NATIVE, BOOLEAN -> out.putValue(text, offset, length);
      case FLOAT32 -> out.putInt32Value(Float.floatToIntBits(parseFloat32(text, offset, length)));
      case FLOAT64 ->
          out.putInt64Value(Double.doubleToLongBits(parseFloat64(text, offset, length)));
      case BYTES -> {
        byte[] bytes = parseHexBytes(text, offset, length);
        out.putValue(bytes, 0, bytes.length);
      }
      case DATE -> out.putInt32Value(parseDate(text, offset, length));
      case TIME -> out.putInt64Value(parseTime(text, offset, length));
      case TIMESTAMP, TIMESTAMP_TZ -> out.putInt64Value(parseInstant(type, text, offset, length));
      case UUID -> writeUuid(text, offset, length, out);
    }
  }

  /** Appends the text of a canonical value, unquoted. */
  public static void appendText(LogicalType type, Bytes canonical, ByteSink out) {
    if (OneSidedValue.is(type, canonical)) {
      out.put(OneSidedValue.text(canonical));
      return;
    }
    switch (type) {
      case INTEGER, DECIMAL, TEXT, JSON, NATIVE, BOOLEAN -> out.put(canonical);
      case FLOAT32 ->
          appendAscii(Float.toString(Float.intBitsToFloat(int32(type, canonical))), out);
      case FLOAT64 ->
          appendAscii(Double.toString(Double.longBitsToDouble(int64(type, canonical))), out);
      case BYTES -> appendHexBytes(canonical, out);
      case DATE -> appendDate(int32(type, canonical), out);
      case TIME -> ClockText.appendTime(int64(type, canonical), out);
      case TIMESTAMP -> appendInstant(int64(type, canonical), false, out);
      case TIMESTAMP_TZ -> appendInstant(int64(type, canonical), true, out);
      case UUID -> appendUuid(canonical, out);
    }
  }

  // ---- floats

  private static double parseFloat64(byte[] text, int offset, int length) {
    double exact = parseShortFloat(text, offset, length, 15, 22);
    if (!Double.isNaN(exact)) {
      return exact;
    }
    try {
      return Double.parseDouble(new String(text, offset, length, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      throw malformed(LogicalType.FLOAT64, length);
    }
  }

  private static float parseFloat32(byte[] text, int offset, int length) {
    // Up to seven digits and 10^10 both operands are exact as floats; their quotient as a double,
    // rounded once more, is the nearest float.
    double exact = parseShortFloat(text, offset, length, 7, 10);
    if (!Double.isNaN(exact)) {
      return (float) exact;
    }
    try {
      return Float.parseFloat(new String(text, offset, length, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      throw malformed(LogicalType.FLOAT32, length);
    }
  }

  /**
   * The value of a short plain decimal, for which one exact division of exact numbers gives the
   * nearest double; NaN for whatever needs the full algorithm.
   */
  private static double parseShortFloat(
      byte[] text, int offset, int length, int maxDigits, int maxScale) {
    int at = offset;
    int end = offset + length;
    boolean negative = at < end && text[at] == '-';
    if (negative) {
      at++;
    }
    long digits = 0;
    int count = 0;
    int point = -1;
    for (; at < end; at++) {
      int c = text[at];
      if (c == '.' && point < 0) {
        point = count;
      } else if (c >= '0' && c <= '9' && count < maxDigits) {
        digits = digits * 10 + (c - '0');
        count++;
      } else {
        return Double.NaN;
      }
    }
    int scale = point < 0 ? 0 : count - point;
    if (count == 0 || scale > maxScale) {
      return Double.NaN;
    }
    double value = digits / EXACT_TENS[scale];
    return negative ? -value : value;
  }

  // ---- dates and times

  private static int parseDate(byte[] text, int offset, int length) {
    if (isText(INFINITY, text, offset, length)) {
      return Integer.MAX_VALUE;
    }
    if (isText(MINUS_INFINITY, text, offset, length)) {
      return Integer.MIN_VALUE;
    }
    int end = withoutEra(text, offset, length);
    int dayEnd = dayEnd(LogicalType.DATE, text, offset, end);
    if (dayEnd != end) {
      throw malformed(LogicalType.DATE, length);
    }
    return (int) parseDay(LogicalType.DATE, text, offset, dayEnd, end < offset + length);
  }

  private static long parseTime(byte[] text, int offset, int length) {
    int end = offset + length;
    if (timeEnd(text, offset, end) != end) {
      throw malformed(LogicalType.TIME, length);
    }
    return parseTimeOfDay(LogicalType.TIME, text, offset, end);
  }

  private static long parseInstant(LogicalType type, byte[] text, int offset, int length) {
    if (isText(INFINITY, text, offset, length)) {
      return Long.MAX_VALUE;
    }
    if (isText(MINUS_INFINITY, text, offset, length)) {
      return Long.MIN_VALUE;
    }
    int end = withoutEra(text, offset, length);
    int dayEnd = dayEnd(type, text, offset, end);
    if (dayEnd >= end || text[dayEnd] != ' ') {
      throw malformed(type, length);
    }
    long day = parseDay(type, text, offset, dayEnd, end < offset + length);
    int timeEnd = timeEnd(text, dayEnd + 1, end);
    long micros = parseTimeOfDay(type, text, dayEnd + 1, timeEnd);
    if (type == LogicalType.TIMESTAMP_TZ) {
      micros -= parseZone(text, timeEnd, end);
    } else if (timeEnd != end) {
      throw malformed(type, length);
    }
    long instant = day * MICROS_PER_DAY + micros;
    // Only instants far in the future can leave the long; Long.MAX_VALUE itself is infinity.
    boolean beyond = day > 0 && (instant < 0 || instant == Long.MAX_VALUE);
    return beyond ? instant + WRAP_SHIFT : instant;
  }

  /** Where the text ends if a trailing era is left out. */
  private static int withoutEra(byte[] text, int offset, int length) {
    int end = offset + length;
    boolean bc = length > 3 && text[end - 1] == 'C' && text[end - 2] == 'B' && text[end - 3] == ' ';
    return bc ? end - 3 : end;
  }

  /** The end of {@code YYYY-MM-DD}, which must begin at {@code offset}. */
  private static int dayEnd(LogicalType type, byte[] text, int offset, int end) {
    int at = offset;
    while (at < end && isDigit(text[at])) {
      at++;
    }
    int dayEnd = at + 6;
    if (at - offset < 4 || dayEnd > end || text[at] != '-' || text[at + 3] != '-') {
      throw malformed(type, end - offset);
    }
    return dayEnd;
  }

  /** Days since 1970-01-01 of {@code YYYY-MM-DD}. */
  private static long parseDay(LogicalType type, byte[] text, int offset, int end, boolean bc) {
    long year = digits(type, text, offset, end - 6);
    int month = (int) digits(type, text, end - 5, end - 3);
    int day = (int) digits(type, text, end - 2, end);
    return epochDay(bc ? 1 - year : year, month, day);
  }

  /** The end of {@code HH:MM:SS[.ffffff]}. */
  private static int timeEnd(byte[] text, int offset, int end) {
    int at = offset;
    while (at < end && (isDigit(text[at]) || text[at] == ':' || text[at] == '.')) {
      at++;
    }
    return at;
  }

  private static long parseTimeOfDay(LogicalType type, byte[] text, int offset, int end) {
    if (end - offset < 8 || text[offset + 2] != ':' || text[offset + 5] != ':') {
      throw malformed(type, end - offset);
    }
    long seconds =
        digits(type, text, offset, offset + 2) * 3600
            + digits(type, text, offset + 3, offset + 5) * 60
            + digits(type, text, offset + 6, offset + 8);
    long micros = 0;
    int at = offset + 8;
    if (at < end) {
      int fraction = end - at - 1;
      if (text[at] != '.' || fraction < 1 || fraction > 6) {
        throw malformed(type, end - offset);
      }
      micros = digits(type, text, at + 1, end);
      for (int i = fraction; i < 6; i++) {
        micros *= 10;
      }
    }
    return seconds * 1_000_000 + micros;
  }

  /** Microseconds east of UTC of {@code ±HH[:MM[:SS]]}. */
  private static long parseZone(byte[] text, int offset, int end) {
    int length = end - offset;
    if ((length != 3 && length != 6 && length != 9)
        || (text[offset] != '+' && text[offset] != '-')) {
      throw malformed(LogicalType.TIMESTAMP_TZ, length);
    }
    long seconds = 0;
    long unit = 3600;
    for (int at = offset + 1; at < end; at += 3, unit /= 60) {
      seconds += unit * digits(LogicalType.TIMESTAMP_TZ, text, at, at + 2);
    }
    return (text[offset] == '-' ? -seconds : seconds) * 1_000_000;
  }

  private static long digits(LogicalType type, byte[] text, int from, int end) {
    long value = 0;
    for (int at = from; at < end; at++) {
      if (!isDigit(text[at])) {
        throw malformed(type, end - from);
      }
      value = value * 10 + (text[at] - '0');
    }
    return value;
  }

  /** Days since 1970-01-01 in the proleptic Gregorian calendar; year 0 is 1 BC. */
  private static long epochDay(long year, int month, int day) {
    // Years begin in March here, so that the leap day is the last day of a year.
    long y = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(y, 400L);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  private static void appendDate(int day, ByteSink out) {
    if (day == Integer.MAX_VALUE) {
      out.put(INFINITY);
    } else if (day == Integer.MIN_VALUE) {
      out.put(MINUS_INFINITY);
    } else {
      boolean bc = appendDay(day, out);
      if (bc) {
        out.put(BC);
      }
    }
  }

  private static void appendInstant(long instant, boolean zone, ByteSink out) {
    if (instant == Long.MAX_VALUE) {
      out.put(INFINITY);
      return;
    }
    if (instant == Long.MIN_VALUE) {
      out.put(MINUS_INFINITY);
      return;
    }
    long day;
    long micros;
    if (instant < FIRST_INSTANT) {
      long unwrapped = instant - WRAP_SHIFT;
      day = Long.divideUnsigned(unwrapped, MICROS_PER_DAY);
      micros = Long.remainderUnsigned(unwrapped, MICROS_PER_DAY);
    } else {
      day = Math.floorDiv(instant, MICROS_PER_DAY);
      micros = Math.floorMod(instant, MICROS_PER_DAY);
    }
    boolean bc = appendDay(day, out);
    out.putByte(' ');
    ClockText.appendTime(micros, out);
    if (zone) {
      out.putByte('+').putByte('0').putByte('0');
    }
    if (bc) {
      out.put(BC);
    }
  }

  /** Appends the day without its era; true if that is BC. */
  private static boolean appendDay(long epochDay, ByteSink out) {
    long shifted = epochDay + 719_468;
    long era = Math.floorDiv(shifted, 146_097L);
    long dayOfEra = shifted - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long marchMonth = (5 * dayOfYear + 2) / 153;
    long day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
    long month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    boolean bc = year <= 0;
    ClockText.appendPadded(bc ? 1 - year : year, 4, out);
    out.putByte('-');
    ClockText.appendPadded(month, 2, out);
    out.putByte('-');
    ClockText.appendPadded(day, 2, out);
    return bc;
  }

  // ---- bytes and UUIDs

  private static byte[] parseHexBytes(byte[] text, int offset, int length) {
    if (length < 2 || (length & 1) != 0 || text[offset] != '\\' || text[offset + 1] != 'x') {
      throw malformed(LogicalType.BYTES, length);
    }
    byte[] bytes = new byte[length / 2 - 1];
    for (int i = 0, at = offset + 2; i < bytes.length; i++, at += 2) {
      bytes[i] =
          (byte)
              (nibble(LogicalType.BYTES, text[at]) << 4 | nibble(LogicalType.BYTES, text[at + 1]));
    }
    return bytes;
  }

  private static void appendHexBytes(Bytes bytes, ByteSink out) {
    out.putByte('\\').putByte('x');
    byte[] array = bytes.backingArray();
    for (int at = bytes.backingOffset(), end = at + bytes.length(); at < end; at++) {
      out.putByte(HEX[array[at] >> 4 & 0xF]).putByte(HEX[array[at] & 0xF]);
    }
  }

  /** Whether this is a UUID in the one spelling that PostgreSQL writes. */
  public static boolean isUuid(byte[] text, int offset, int length) {
    if (length != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      int c = text[offset + i];
      boolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;
      if (hyphen ? c != '-' : !isDigit(c) && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static void writeUuid(byte[] text, int offset, int length, TupleWriter out) {
    if (length != 36) {
      throw malformed(LogicalType.UUID, length);
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < 36; i++) {
      int c = text[offset + i];
      if (i == 8 || i == 13 || i == 18 || i == 23) {
        if (c != '-') {
          throw malformed(LogicalType.UUID, length);
        }
      } else if (i < 18) {
        high = high << 4 | nibble(LogicalType.UUID, c);
      } else {
        low = low << 4 | nibble(LogicalType.UUID, c);
      }
    }
    out.putInt128Value(high, low);
  }

  private static void appendUuid(Bytes uuid, ByteSink out) {
    if (uuid.length() != 16) {
      throw wrongLength(LogicalType.UUID, uuid);
    }
    for (int i = 0; i < 16; i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) {
        out.putByte('-');
      }
      int b = uuid.at(i);
      out.putByte(HEX[b >> 4 & 0xF]).putByte(HEX[b & 0xF]);
    }
  }

  private static int nibble(LogicalType type, int c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    throw malformed(type, 1);
  }

  // ---- common

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isText(byte[] wanted, byte[] text, int offset, int length) {
    if (length != wanted.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text[offset + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private static int int32(LogicalType type, Bytes canonical) {
    if (canonical.length() != 4) {
      throw wrongLength(type, canonical);
    }
    return ByteBuffer.wrap(canonical.backingArray(), canonical.backingOffset(), 4).getInt();
  }

  private static long int64(LogicalType type, Bytes canonical) {
    if (canonical.length() != 8) {
      throw wrongLength(type, canonical);
    }
    return ByteBuffer.wrap(canonical.backingArray(), canonical.backingOffset(), 8).getLong();
  }

  private static void appendAscii(String text, ByteSink out) {
    for (int i = 0; i < text.length(); i++) {
      out.putByte(text.charAt(i));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Never shows the value: it is a user's. */
  private static Fault malformed(LogicalType type, int length) {
    return Fault.of(
            FaultKind.INTERNAL,
            "read a value",
            "PostgreSQL sent " + length + " bytes that are no " + type + " in the agreed style")
        .hint("a role or database setting may override the agent's session settings")
        .build();
  }

  private static Fault wrongLength(LogicalType type, Bytes canonical) {
    return Fault.invariant("canonical value", canonical.length() + " bytes for a " + type);
  }
}
