package io.spokewire.admin.output;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers and times as people read them. Pure. */
public final class Human {
  private static final long SECOND = 1_000_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private Human() {}

  /** {@code 850}, {@code 50K}, {@code 1.2M}: cut, never rounded up. */
  public static String count(long number) {
    if (number < 1_000) {
      return Long.toString(number);
    }
    String[] units = {"K", "M", "G", "T", "P", "E"};
    BigDecimal scaled = BigDecimal.valueOf(number);
    int unit = -1;
    while (scaled.compareTo(BigDecimal.valueOf(1_000)) >= 0) {
      scaled = scaled.movePointLeft(3);
      unit++;
    }
    return scaled.setScale(1, RoundingMode.DOWN).toPlainString().replaceFirst("\\.0$", "")
        + units[unit];
  }

  /** {@code 5,230}. */
  public static String grouped(double number) {
    return String.format(Locale.ROOT, "%,d", Math.round(number));
  }

  /** {@code 0s}, {@code <1s}, {@code 5s}, {@code 2m 30s}, {@code 3h 5m}, {@code 2d 4h}. */
  public static String lag(long micros) {
    if (micros <= 0) {
      return "0s";
    }
    long seconds = micros / SECOND;
    if (seconds == 0) {
      return "<1s";
    }
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3_600) {
      return two(seconds / 60, "m", seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return two(seconds / 3_600, "h", seconds / 60 % 60, "m");
    }
    return two(seconds / 86_400, "d", seconds / 3_600 % 24, "h");
  }

  /** {@code 512 B}, {@code 16 MB}: powers of 1024. */
  public static String bytes(long bytes) {
    String[] units = {"B", "KB", "MB", "GB", "TB", "PB"};
    double scaled = bytes;
    int unit = 0;
    while (scaled >= 1_024 && unit < units.length - 1) {
      scaled /= 1_024;
      unit++;
    }
    String text = String.format(Locale.ROOT, "%.1f", scaled).replaceFirst("\\.0$", "");
    return text + " " + units[unit];
  }

  /** {@code 2026-11-22 10:00:01 UTC}. */
  public static String time(long epochMicros) {
    return TIME.format(instant(epochMicros)) + " UTC";
  }

  /** {@code 2026-11-22T10:00:01.000123Z}. */
  public static String iso(long epochMicros) {
    return instant(epochMicros).toString();
  }

  /** PostgreSQL for {@code postgresql}: an engine as it calls itself. */
  public static String engine(String engine) {
    return switch (engine) {
      case "postgresql" -> "PostgreSQL";
      case "mysql" -> "MySQL";
      case "mariadb" -> "MariaDB";
      case "elasticsearch" -> "Elasticsearch";
      case "bigquery" -> "BigQuery";
      default -> engine;
    };
  }

  /** {@code Needs resync} for {@code needs_resync}. */
  public static String words(String label) {
    if (label.isEmpty()) {
      return label;
    }
    String text = label.replace('_', ' ');
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static Instant instant(long epochMicros) {
    return Instant.EPOCH.plus(epochMicros, ChronoUnit.MICROS);
  }

  private static String two(long large, String unit, long small, String smallUnit) {
    return large + unit + (small == 0 ? "" : " " + small + smallUnit);
  }
}
