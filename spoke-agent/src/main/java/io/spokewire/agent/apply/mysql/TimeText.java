package io.spokewire.agent.apply.mysql;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.UUID;

/** Canonical dates, times and UUIDs as the server reads them. */
final class TimeText {
  private static final long SECOND = 1_000_000;
  private static final byte[] PATTERN =
      "0000-00-00 00:00:00.000000".getBytes(StandardCharsets.ISO_8859_1);
  private static final LocalDate FIRST = LocalDate.of(0, 1, 1);
  private static final LocalDate LAST = LocalDate.of(9999, 12, 31);

  private TimeText() {}

  /**
   * {@code 2026-01-31}.
   *
   * @param days since 1970-01-01
   */
  static String date(int days) throws SQLException {
    if (days < FIRST.toEpochDay() || days > LAST.toEpochDay()) {
      throw outOfRange();
    }
    return LocalDate.ofEpochDay(days).toString();
  }

  /**
   * {@code -838:59:59.000000}.
   *
   * @param micros since midnight, or of a span
   */
  static String time(long micros) {
    long seconds = Math.abs(micros / SECOND);
    return "%s%02d:%02d:%02d.%06d"
        .formatted(
            micros < 0 ? "-" : "",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            Math.abs(micros % SECOND));
  }

  /**
   * {@code 2026-01-31 23:59:59.000000}.
   *
   * @param micros since 1970-01-01
   */
  static String instant(long micros) throws SQLException {
    long seconds = Math.floorDiv(micros, SECOND);
    long days = Math.floorDiv(seconds, 86_400L);
    if (days < FIRST.toEpochDay() || days > LAST.toEpochDay()) {
      throw outOfRange();
    }
    LocalDate date = LocalDate.ofEpochDay(days);
    int second = (int) Math.floorMod(seconds, 86_400L);
    // Every row of most tables has some of these: a formatter takes several times as long.
    byte[] text = PATTERN.clone();
    digits(text, 3, date.getYear());
    digits(text, 6, date.getMonthValue());
    digits(text, 9, date.getDayOfMonth());
    digits(text, 12, second / 3600);
    digits(text, 15, second / 60 % 60);
    digits(text, 18, second % 60);
    digits(text, 25, (int) Math.floorMod(micros, SECOND));
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes a number over zeros so that its last digit stands there. */
  private static void digits(byte[] text, int last, int number) {
    int rest = number;
    for (int i = last; rest > 0; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** In five groups of lower-case digits. */
  static String uuid(Bytes bytes) {
    ByteSource source = new ByteSource(bytes);
    return new UUID(source.readInt64(), source.readInt64()).toString();
  }

  private static SQLException outOfRange() {
    return new SQLException("a date or time is out of the server's range", "22008");
  }
}
