package io.spokewire.admin.output;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Comma-separated values (RFC 4180) with a heading line; lines end in a line feed. */
public final class Csv {
  private final StringBuilder text = new StringBuilder();

  public Csv(String... header) {
    row(header);
  }

  public Csv row(String... cells) {
    text.append(line(cells));
    return this;
  }

  public String render() {
    return text.toString();
  }

  /** One line with its line break, for output that is written as it comes. */
  public static String line(String... cells) {
    return Arrays.stream(cells).map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
  }

  private static String quoted(String cell) {
    boolean needed = cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return needed ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
