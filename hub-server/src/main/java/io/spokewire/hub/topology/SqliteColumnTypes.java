package io.spokewire.hub.topology;

import static io.spokewire.hub.topology.SqliteTopology.execute;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.hub.topology.SpokeColumns.Reported;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Agreed types and reported columns in the topology's tables. */
final class SqliteColumnTypes {
  private SqliteColumnTypes() {}

  static AgreedTypes readAgreed(Connection c) throws SQLException {
    SortedMap<TableName, SortedMap<String, LogicalType>> tables = new TreeMap<>();
    try (PreparedStatement statement =
            c.prepareStatement("SELECT table_name, column_name, type FROM agreed_type");
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        tables
            .computeIfAbsent(new TableName(row.getString(1)), table -> new TreeMap<>())
            .put(row.getString(2), LogicalType.valueOf(row.getString(3)));
      }
    }
    return new AgreedTypes(tables);
  }

  static int write(Connection c, AgreedTypes types) throws SQLException {
    int rows = execute(c, "DELETE FROM agreed_type");
    for (Map.Entry<TableName, SortedMap<String, LogicalType>> table : types.tables().entrySet()) {
      for (Map.Entry<String, LogicalType> column : table.getValue().entrySet()) {
        rows +=
            execute(
                c,
                "INSERT INTO agreed_type (table_name, column_name, type) VALUES (?, ?, ?)",
                table.getKey().name(),
                column.getKey(),
                column.getValue().name());
      }
    }
    return rows;
  }

  static Map<SpokeId, SpokeColumns> readColumns(Connection c) throws SQLException {
    record Owner(SpokeId spoke, DatabaseEngine engine) {}
    Map<Owner, List<Reported>> columns = new LinkedHashMap<>();
    try (PreparedStatement statement =
            c.prepareStatement(
                """
                SELECT spoke, engine, table_name, column_name, type, native_type, nullable,
                    identifies
                FROM spoke_column ORDER BY spoke, place
                """);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Owner owner =
            new Owner(new SpokeId(row.getString(1)), DatabaseEngine.valueOf(row.getString(2)));
        columns
            .computeIfAbsent(owner, o -> new ArrayList<>())
            .add(
                new Reported(
                    new TableName(row.getString(3)),
                    new Column(
                        row.getString(4),
                        LogicalType.valueOf(row.getString(5)),
                        row.getString(6),
                        row.getInt(7) != 0),
                    row.getInt(8) != 0));
      }
    }
    Map<SpokeId, SpokeColumns> all = new TreeMap<>();
    columns.forEach(
        (owner, list) -> all.put(owner.spoke, new SpokeColumns(owner.spoke, owner.engine, list)));
    return all;
  }

  static int write(Connection c, SpokeColumns kept) throws SQLException {
    int rows = execute(c, "DELETE FROM spoke_column WHERE spoke = ?", kept.spoke().name());
    int place = 0;
    for (Reported column : kept.columns()) {
      rows +=
          execute(
              c,
              """
              INSERT INTO spoke_column (spoke, engine, table_name, place, column_name, type,
                  native_type, nullable, identifies)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
              """,
              kept.spoke().name(),
              kept.engine().name(),
              column.table().name(),
              place++,
              column.column().name(),
              column.column().type().name(),
              column.column().nativeType(),
              column.column().nullable() ? 1 : 0,
              column.identifies() ? 1 : 0);
    }
    return rows;
  }
}
