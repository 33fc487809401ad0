package io.spokewire.admin.command;

import io.spokewire.admin.output.OutputFormat;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.Direction;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How texts of the command line become values; what is wrong says what would be right. */
final class Converters {
  private Converters() {}

  static void register(CommandLine commandLine, TimeSource time) {
    commandLine.registerConverter(Duration.class, converter(Spans::span));
    commandLine.registerConverter(
        Instant.class, converter(text -> Spans.point(text, time.instant())));
    commandLine.registerConverter(Direction.class, converter(Direction::ofLabel));
    commandLine.registerConverter(OutputFormat.class, converter(Converters::format));
  }

  private static OutputFormat format(String text) {
    for (OutputFormat format : OutputFormat.values()) {
      if (format.name().equals(text.toUpperCase(Locale.ROOT))) {
        return format;
      }
    }
    throw new IllegalArgumentException("'" + text + "': use table, json or csv");
  }

  private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    };
  }
}
