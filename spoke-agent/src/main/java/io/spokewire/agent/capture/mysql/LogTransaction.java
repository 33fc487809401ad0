package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A transaction between its GTID and its end. Not thread-safe. */
final class LogTransaction implements AutoCloseable {
  private final RowSpool spool;
  private final Map<SchemaId, TableSchema> shapes = new LinkedHashMap<>();
  private final Map<String, RowSpool.Mark> savepoints = new HashMap<>();

  /** Plans by the numbers that the log gives tables inside a statement. */
  private final Map<Long, TablePlan> tables = new HashMap<>();

  private @Nullable AppliedMarker marker;
  private @Nullable BarrierId barrier;

  LogTransaction(RowSpool spool) {
    this.spool = spool;
  }

  RowSpool spool() {
    return spool;
  }

  Map<Long, TablePlan> tables() {
    return tables;
  }

  Collection<TableSchema> shapes() {
    return shapes.values();
  }

  void uses(TableSchema schema) {
    shapes.putIfAbsent(schema.id(), schema);
  }

  @Nullable AppliedMarker marker() {
    return marker;
  }

  @Nullable BarrierId barrier() {
    return barrier;
  }

  /** What comes after the marker is what we applied ourselves: we write it first. */
  void marked(AppliedMarker met) {
    marker = met;
  }

  void marked(BarrierId met) {
    barrier = met;
  }

  void savepoint(String name) {
    savepoints.put(name, spool.mark());
  }

  /** Drops what came after the savepoint; nothing if it is not known. */
  void rollBackTo(String name) {
    RowSpool.Mark mark = savepoints.get(name);
    if (mark != null) {
      spool.truncate(mark);
    }
  }

  void clear() {
    spool.clear();
    shapes.clear();
    savepoints.clear();
    tables.clear();
    marker = null;
    barrier = null;
  }

  @Override
  public void close() {
    spool.close();
  }
}
