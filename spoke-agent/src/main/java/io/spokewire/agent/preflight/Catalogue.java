package io.spokewire.agent.preflight;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small questions to one database, answered as text. Owned by the connection's thread. */
public final class Catalogue {
  private final Connection connection;

  public Catalogue(Connection connection) {
    this.connection = connection;
  }

  /** One row of an answer: column name to text, "" for NULL. */
  public record Row(Map<String, String> cells) {
    public String text(String column) {
      return cells.getOrDefault(column, "");
    }

    /** Whether the cell holds a yes, as either engine says it. */
    public boolean yes(String column) {
      String text = text(column);
      return text.equals("t") || text.equals("1");
    }

    public long number(String column) {
      return Long.parseLong(text(column));
    }
  }

  /** Every row of the answer. */
  public List<Row> rows(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        ResultSetMetaData columns = result.getMetaData();
        List<Row> rows = new ArrayList<>();
        while (result.next()) {
          Map<String, String> cells = new LinkedHashMap<>();
          for (int i = 1; i <= columns.getColumnCount(); i++) {
            String value = result.getString(i);
            cells.put(columns.getColumnLabel(i), value == null ? "" : value);
          }
          rows.add(new Row(cells));
        }
        return rows;
      }
    }
  }

  /** The first row; one without cells if there is none. */
  public Row row(String sql, Object... parameters) throws SQLException {
    List<Row> rows = rows(sql, parameters);
    return rows.isEmpty() ? new Row(Map.of()) : rows.getFirst();
  }
}
