package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.mysql.MyTargetTable.UniqueKey;
import io.spokewire.agent.schema.LocalTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@link MyTargetTable}s from information_schema. Holds nothing. */
final class MyTargetCatalogue {
  private static final String COLUMNS =
      """
      SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME,
             CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION,
             GENERATION_EXPRESSION, IS_NULLABLE, COLUMN_DEFAULT, EXTRA
        FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
       ORDER BY ORDINAL_POSITION
      """;

  private static final String KEYS =
      """
      SELECT INDEX_NAME, COLUMN_NAME, SUB_PART
        FROM information_schema.STATISTICS
       WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0
       ORDER BY INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX
      """;

  private static final String REFERRING =
      """
      SELECT COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE
       WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND REFERENCED_TABLE_NAME IS NOT NULL
      """;

  private static final String REFERENCED =
      """
      SELECT REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE
       WHERE REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?
      """;

  // Shows only those that we may see; others are for preflight.
  private static final String TRIGGERS =
      """
      SELECT TRIGGER_NAME FROM information_schema.TRIGGERS
       WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?
         AND TRIGGER_NAME NOT LIKE 'spokewire\\_%'
      """;

  private MyTargetCatalogue() {}

  /** The table as it is now; empty if there is none of this name. */
  static Optional<MyTargetTable> read(Connection connection, LocalTable table) throws SQLException {
    Map<String, MyColumn> columns = columns(connection, table);
    if (columns.isEmpty()) {
      return Optional.empty();
    }
    Set<String> referenced = names(connection, REFERENCED, table);
    boolean keepsOrder =
        !referenced.isEmpty()
            || !names(connection, REFERRING, table).isEmpty()
            || !names(connection, TRIGGERS, table).isEmpty();
    return Optional.of(
        new MyTargetTable(
            SqlText.qualified(table.schemaName(), table.tableName()),
            columns,
            keys(connection, table),
            keepsOrder,
            referenced));
  }

  private static Map<String, MyColumn> columns(Connection connection, LocalTable table)
      throws SQLException {
    Map<String, MyColumn> columns = new LinkedHashMap<>();
    try (PreparedStatement query = of(connection, COLUMNS, table);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        MyColumn column = column(row);
        columns.put(column.name(), column);
      }
    }
    return columns;
  }

  private static MyColumn column(ResultSet row) throws SQLException {
    String extra = row.getString("EXTRA").toLowerCase(Locale.ROOT);
    // MySQL's DEFAULT_GENERATED is a default that is an expression.
    String expression = row.getString("GENERATION_EXPRESSION");
    boolean generated = expression != null && !expression.isEmpty();
    boolean nullable = row.getString("IS_NULLABLE").equals("YES");
    boolean needsValue =
        !nullable
            && !generated
            && row.getString("COLUMN_DEFAULT") == null
            && !extra.contains("auto_increment");
    return new MyColumn(
        row.getString("COLUMN_NAME"),
        row.getString("DATA_TYPE").toLowerCase(Locale.ROOT),
        row.getString("COLUMN_TYPE").toLowerCase(Locale.ROOT),
        row.getString("CHARACTER_SET_NAME"),
        row.getString("COLLATION_NAME"),
        row.getLong("CHARACTER_OCTET_LENGTH"),
        row.getInt("NUMERIC_PRECISION"),
        row.getInt("NUMERIC_SCALE"),
        row.getInt("DATETIME_PRECISION"),
        generated,
        nullable,
        needsValue);
  }

  private static List<UniqueKey> keys(Connection connection, LocalTable table) throws SQLException {
    Map<String, List<String>> byIndex = new LinkedHashMap<>();
    Set<String> partial = new HashSet<>(); // on a column's beginning, or on an expression
    try (PreparedStatement query = of(connection, KEYS, table);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        String index = row.getString(1);
        String column = row.getString(2);
        if (column == null || row.getString(3) != null) {
          partial.add(index);
        } else {
          byIndex.computeIfAbsent(index, i -> new ArrayList<>()).add(column);
        }
      }
    }
    byIndex.keySet().removeAll(partial);
    List<UniqueKey> keys = new ArrayList<>();
    byIndex.forEach((index, columns) -> keys.add(new UniqueKey(index, columns)));
    return keys;
  }

  private static Set<String> names(Connection connection, String sql, LocalTable table)
      throws SQLException {
    Set<String> names = new HashSet<>();
    try (PreparedStatement query = of(connection, sql, table);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  private static PreparedStatement of(Connection connection, String sql, LocalTable table)
      throws SQLException {
    PreparedStatement query = connection.prepareStatement(sql);
    query.setString(1, table.schemaName());
    query.setString(2, table.tableName());
    return query;
  }
}
