package io.spokewire.agent.capture.polling;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** What a look asks, where sessions keep to UTC. */
public final class LookQuery {
  private static final DateTimeFormatter LITERAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");

  private LookQuery() {}

  /**
   * A query for rows.
   *
   * @param values what is asked of each
   * @param table quoted
   * @param column the growing one, quoted
   * @param from as {@link PolledDatabase.Look#rows} has it
   */
  public static String of(
      List<String> values,
      String table,
      String column,
      GrowingColumn growing,
      Optional<LocalDateTime> from) {
    String query = "SELECT " + String.join(", ", values) + " FROM " + table;
    if (from.isEmpty()) {
      return query;
    }
    return query
        + " WHERE "
        + column
        + " >= '"
        + LITERAL.format(from.get())
        + "'"
        + (growing.nullable() ? " OR " + column + " IS NULL" : "");
  }
}
