package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One version of one table's shape: the columns that travel, in tuple order, and which of them are
 * the key, in key order. Generated columns are not part of it. Immutable.
 *
 * <p>The id is derived from the content, so equal shapes at two sites have equal ids.
 *
 * @param table the topology-wide name
 * @param columns in the order of a tuple's fields
 * @param key indexes into {@code columns}, in key order; empty for a table without a key, which
 *     takes inserts only
 */
public record TableSchema(TableName table, List<Column> columns, List<Integer> key, SchemaId id) {
  public TableSchema {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException(table + ": column " + column.name() + " twice");
      }
    }
    for (int ordinal : key) {
      if (ordinal < 0 || ordinal >= columns.size()) {
        throw new IllegalArgumentException(table + ": key column " + ordinal + " does not exist");
      }
    }
    if (!id.equals(idOf(table, columns, key))) {
      throw new IllegalArgumentException(table + ": schema id " + id + " does not fit its content");
    }
  }

  /** A shape with its id computed. */
  public static TableSchema of(TableName table, List<Column> columns, List<Integer> key) {
    return new TableSchema(table, columns, key, idOf(table, columns, key));
  }

  public boolean hasKey() {
    return !key.isEmpty();
  }

  public boolean isKey(int ordinal) {
    return key.contains(ordinal);
  }

  /** The column's place in a tuple, or -1. */
  public int ordinalOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  private static SchemaId idOf(TableName table, List<Column> columns, List<Integer> key) {
    ByteSink sink = new ByteSink();
    sink.putText("spokewire schema 1").putText(table.name()).putVarint(columns.size());
    for (Column column : columns) {
      sink.putText(column.name())
          .putVarint(column.type().code())
          .putText(column.nativeType())
          .putByte(column.nullable() ? 1 : 0);
    }
    sink.putVarint(key.size());
    key.forEach(sink::putVarint);
    Bytes content = sink.toBytes();
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return new SchemaId(ByteBuffer.wrap(sha.digest(content.toByteArray())).getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
