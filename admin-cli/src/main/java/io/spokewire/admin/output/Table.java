package io.spokewire.admin.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Rows in a box, each column as wide as its widest cell in terminal columns. Cells are data from
 * databases: control characters are shown, never sent to the terminal, and a cell that is very long
 * is cut. Not thread-safe.
 */
public final class Table {
  /** What is wider is cut. */
  public static final int WIDEST_CELL = 60;

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... header) {
    this.header = Arrays.stream(header).map(Table::printable).toList();
  }

  public Table row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells under " + header.size() + " headings");
    }
    rows.add(Arrays.stream(cells).map(Table::printable).map(Table::cut).toList());
    return this;
  }

  /** The table with a line break after each line. */
  public String render() {
    int[] widths = new int[header.size()];
    widen(widths, header);
    rows.forEach(row -> widen(widths, row));
    StringBuilder text = new StringBuilder();
    border(text, widths, '┌', '┬', '┐');
    line(text, widths, header);
    border(text, widths, '├', '┼', '┤');
    rows.forEach(row -> line(text, widths, row));
    border(text, widths, '└', '┴', '┘');
    return text.toString();
  }

  /** The text with control characters spelt out, so that data can't steer the terminal. */
  public static String printable(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                safe.append("\\n");
              } else if (c == '\t') {
                safe.append("\\t");
              } else if (Character.isISOControl(c) || isBidiControl(c)) {
                safe.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                safe.appendCodePoint(c);
              }
            });
    return safe.toString();
  }

  private static boolean isBidiControl(int c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  }

  private static String cut(String cell) {
    if (DisplayWidth.of(cell) <= WIDEST_CELL) {
      return cell;
    }
    StringBuilder kept = new StringBuilder();
    int width = 0;
    for (int c : cell.codePoints().toArray()) {
      width += DisplayWidth.of(c);
      if (width >= WIDEST_CELL) {
        break;
      }
      kept.appendCodePoint(c);
    }
    return kept.append('…').toString();
  }

  private static void widen(int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], DisplayWidth.of(cells.get(i)));
    }
  }

  private static void border(StringBuilder text, int[] widths, char left, char cross, char right) {
    for (int i = 0; i < widths.length; i++) {
      text.append(i == 0 ? left : cross).repeat('─', widths[i] + 2);
    }
    text.append(right).append('\n');
  }

  private static void line(StringBuilder text, int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      text.append("│ ").append(cell).repeat(' ', widths[i] - DisplayWidth.of(cell) + 1);
    }
    text.append("│\n");
  }
}
