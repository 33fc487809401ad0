package io.spokewire.admin.command;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Time spans and points in time as people type them. Pure. */
final class Spans {
  private static final Pattern SPAN = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");
  private static final List<Function<String, Instant>> FORMS =
      List.of(
          Instant::parse,
          text -> OffsetDateTime.parse(text).toInstant(),
          text -> LocalDateTime.parse(text).toInstant(ZoneOffset.UTC),
          text -> LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));

  private Spans() {}

  /** {@code 500ms}, {@code 60s}, {@code 5m}, {@code 2h}, {@code 7d}. */
  static Duration span(String text) {
    Matcher m = SPAN.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a time span: write a number and ms, s, m, h or d, such as 60s");
    }
    long amount = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /**
   * A time span before {@code now}, or a time: {@code 2026-11-22}, {@code 2026-11-22T10:00}, {@code
   * 2026-11-22T10:00:00Z}; without a zone in UTC.
   */
  static Instant point(String text, Instant now) {
    if (SPAN.matcher(text).matches()) {
      return now.minus(span(text));
    }
    for (Function<String, Instant> form : FORMS) {
      try {
        return form.apply(text);
      } catch (DateTimeException e) {
        continue; // another form may fit
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is neither a time span (7d) nor a time (2026-11-22T10:00:00Z)");
  }
}
