package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.TableMap;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The local tables met so far on one connection, and which incoming shapes fit them. Owned by the
 * connection's thread.
 *
 * @param <T> the engine's kind of table
 */
public final class TargetTables<T extends TargetTable> {
  private final Catalogue<T> catalogue;
  private final TableMap map;
  private final SchemaBook schemas;
  private final Map<TableName, Optional<T>> tables = new HashMap<>();
  private final Map<SchemaId, Optional<String>> mismatches = new HashMap<>();

  public TargetTables(Catalogue<T> catalogue, TableMap map, SchemaBook schemas) {
    this.catalogue = catalogue;
    this.map = map;
    this.schemas = schemas;
  }

  /** Reads tables as they are now. */
  public interface Catalogue<T> {
    /** Empty if there is none of this name. */
    Optional<T> read(LocalTable table) throws SQLException;
  }

  /** Why rows of this shape can't be written here; null if they can. */
  public @Nullable String mismatch(SchemaId shape) throws SQLException {
    Optional<String> known = mismatches.get(shape);
    if (known == null) {
      TableSchema schema = schemas.get(shape);
      Optional<T> table = find(schema.table());
      known =
          table.isEmpty()
              ? Optional.of("this database has no table " + schema.table())
              : Optional.ofNullable(table.get().mismatch(schema));
      mismatches.put(shape, known);
    }
    return known.orElse(null);
  }

  /** The table, which must have been found fit. */
  public T get(TableName table) throws SQLException {
    return find(table)
        .orElseThrow(() -> new IllegalStateException("no table " + table + " in this database"));
  }

  /** The table, if it was met and is there. */
  public Optional<T> known(TableName table) {
    return tables.getOrDefault(table, Optional.empty());
  }

  /** Forgets what was read: a table may have changed. */
  public void forget() {
    tables.clear();
    mismatches.clear();
  }

  private Optional<T> find(TableName name) throws SQLException {
    Optional<T> known = tables.get(name);
    if (known == null) {
      Optional<LocalTable> local = map.find(name);
      known = local.isEmpty() ? Optional.empty() : catalogue.read(local.get());
      tables.put(name, known);
    }
    return known;
  }
}
