package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.TableMap;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The local tables met so far on one connection, and which incoming shapes fit them. Owned by the
 * connection's thread.
 */
final class TargetTables {
  private final Connection connection;
  private final TableMap map;
  private final SchemaBook schemas;
  private final Map<TableName, Optional<TargetTable>> tables = new HashMap<>();
  private final Map<SchemaId, Optional<String>> mismatches = new HashMap<>();

  TargetTables(Connection connection, TableMap map, SchemaBook schemas) {
    this.connection = connection;
    this.map = map;
    this.schemas = schemas;
  }

  /** Why rows of this shape can't be written here; null if they can. */
  @Nullable String mismatch(SchemaId shape) throws SQLException {
    Optional<String> known = mismatches.get(shape);
    if (known == null) {
      TableSchema schema = schemas.get(shape);
      Optional<TargetTable> table = find(schema.table());
      known =
          table.isEmpty()
              ? Optional.of("this database has no table " + schema.table())
              : Optional.ofNullable(table.get().mismatch(schema));
      mismatches.put(shape, known);
    }
    return known.orElse(null);
  }

  /** The table, which must have been found fit. */
  TargetTable get(TableName table) throws SQLException {
    return find(table)
        .orElseThrow(() -> new IllegalStateException("no table " + table + " in this database"));
  }

  /** Forgets what was read: a table may have changed. */
  void forget() {
    tables.clear();
    mismatches.clear();
  }

  private Optional<TargetTable> find(TableName name) throws SQLException {
    Optional<TargetTable> known = tables.get(name);
    if (known == null) {
      var local = map.find(name);
      known = local.isEmpty() ? Optional.empty() : TargetCatalogue.read(connection, local.get());
      tables.put(name, known);
    }
    return known;
  }
}
