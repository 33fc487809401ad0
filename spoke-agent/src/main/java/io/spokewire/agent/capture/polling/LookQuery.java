package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.polling.PolledDatabase.RowTaker;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** What a look asks, where sessions keep to UTC, and how the answer is read. */
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

  /**
   * Gives the rows of a query as they come.
   *
   * @param fetchSize what the driver takes for that
   * @param columns how many a row has
   */
  public static void run(
      Connection connection, String query, int fetchSize, int columns, RowTaker taker)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(fetchSize);
      try (ResultSet row = statement.executeQuery(query)) {
        while (row.next()) {
          for (int i = 1; i <= columns; i++) {
            taker.column(row.getBytes(i));
          }
          taker.row();
        }
      }
    }
  }
}
