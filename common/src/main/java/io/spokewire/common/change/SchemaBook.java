package io.spokewire.common.change;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SchemaId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Every shape that was met so far, by id. Shapes are only ever added. Safe from any thread. */
public final class SchemaBook {
  private final Map<SchemaId, TableSchema> schemas = new ConcurrentHashMap<>();

  /** Adds a shape; true if it is new. Two shapes with one id are a broken invariant. */
  public boolean add(TableSchema schema) {
    TableSchema known = schemas.putIfAbsent(schema.id(), schema);
    if (known != null && !known.equals(schema)) {
      throw Fault.invariant("schema id", schema.id() + " stands for " + known + " and " + schema);
    }
    return known == null;
  }

  public void addAll(Collection<TableSchema> more) {
    more.forEach(this::add);
  }

  public boolean contains(SchemaId id) {
    return schemas.containsKey(id);
  }

  /** The shape; a row whose shape was never announced is a broken stream. */
  public TableSchema get(SchemaId id) {
    TableSchema schema = schemas.get(id);
    if (schema == null) {
      throw Fault.invariant("schema before rows", "rows in a shape that was not announced: " + id);
    }
    return schema;
  }

  public List<TableSchema> all() {
    return List.copyOf(schemas.values());
  }
}
