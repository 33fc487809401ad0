package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.postgres.PgTargetTable.TargetColumn;
import io.spokewire.agent.apply.postgres.PgTargetTable.UniqueKey;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.postgres.PgTypes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@link PgTargetTable}s from pg_catalog. Holds nothing. */
final class TargetCatalogue {
  private static final String FIND =
      """
      SELECT c.oid, c.relkind
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
      """;

  // The base of a domain may be a domain again.
  private static final String COLUMNS =
      """
      WITH RECURSIVE base(attnum, typ, depth) AS (
        SELECT attnum, atttypid, 0 FROM pg_attribute
         WHERE attrelid = ? AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT b.attnum, t.typbasetype, b.depth + 1
          FROM base b JOIN pg_type t ON t.oid = b.typ WHERE t.typtype = 'd')
      SELECT a.attname, format_type(a.atttypid, -1) AS cast_type,
             format_type(a.atttypid, a.atttypmod) AS exact_type, t.oid::bigint AS base_oid,
             t.typname, a.attgenerated <> '' AS generated, a.attidentity = 'a' AS always_identity,
             a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''
               AS needs_value
        FROM pg_attribute a
        JOIN (SELECT DISTINCT ON (attnum) attnum, typ FROM base ORDER BY attnum, depth DESC) b
          ON b.attnum = a.attnum
        JOIN pg_type t ON t.oid = b.typ
       WHERE a.attrelid = ?
       ORDER BY a.attnum
      """;

  // Only what ON CONFLICT can infer: unique, immediate, valid, whole, on plain columns.
  private static final String KEYS =
      """
      SELECT i.indexrelid::bigint AS index, a.attname,
             format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS equality
        FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[])
             WITH ORDINALITY AS k(attnum, opclass, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        JOIN pg_opclass oc ON oc.oid = k.opclass
        JOIN pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 3
             AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
        JOIN pg_operator o ON o.oid = ao.amopopr
        JOIN pg_namespace n ON n.oid = o.oprnamespace
       WHERE i.indrelid = ? AND i.indisunique AND i.indimmediate AND i.indisvalid
         AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
       ORDER BY i.indisprimary DESC, i.indexrelid, k.place
      """;

  private TargetCatalogue() {}

  /** The table as it is now; empty if there is none of this name. */
  static Optional<PgTargetTable> read(Connection connection, LocalTable table) throws SQLException {
    try (PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, table.schemaName());
      find.setString(2, table.tableName());
      try (ResultSet found = find.executeQuery()) {
        if (!found.next()) {
          return Optional.empty();
        }
        long oid = found.getLong(1);
        return Optional.of(
            new PgTargetTable(
                SqlText.qualified(table.schemaName(), table.tableName()),
                "r".equals(found.getString(2)),
                columns(connection, oid),
                keys(connection, oid)));
      }
    }
  }

  private static Map<String, TargetColumn> columns(Connection connection, long table)
      throws SQLException {
    Map<String, TargetColumn> columns = new LinkedHashMap<>();
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setLong(1, table);
      query.setLong(2, table);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          int baseOid = (int) row.getLong("base_oid");
          String name = row.getString("attname");
          columns.put(
              name,
              new TargetColumn(
                  name,
                  row.getString("cast_type"),
                  row.getString("exact_type"),
                  baseOid,
                  PgTypes.logicalType(baseOid, row.getString("typname")),
                  row.getBoolean("generated"),
                  row.getBoolean("always_identity"),
                  row.getBoolean("needs_value")));
        }
      }
    }
    return columns;
  }

  private static List<UniqueKey> keys(Connection connection, long table) throws SQLException {
    Map<Long, Map<String, String>> byIndex = new LinkedHashMap<>();
    try (PreparedStatement query = connection.prepareStatement(KEYS)) {
      query.setLong(1, table);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          byIndex
              .computeIfAbsent(row.getLong("index"), index -> new HashMap<>())
              .put(row.getString("attname"), row.getString("equality"));
        }
      }
    }
    List<UniqueKey> keys = new ArrayList<>();
    byIndex.values().forEach(operators -> keys.add(new UniqueKey(operators)));
    return keys;
  }
}
