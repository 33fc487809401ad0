package io.spokewire.agent.apply;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes row changes of one shape from plain Java values, for tests. */
public final class Rows {
  /** Stands for a column that a change does not touch. */
  public static final Object SAME = new Object();

  private final TableSchema schema;

  public Rows(TableSchema schema) {
    this.schema = schema;
  }

  /** Something to be added to a number. */
  public record Plus(String amount) {}

  /** A shape; each column is {@code name:TYPE:native}, and the first {@code keys} are the key. */
  public static Rows of(String table, int keys, String... columns) {
    List<Column> list = new ArrayList<>();
    for (String column : columns) {
      String[] parts = column.split(":", 3);
      list.add(new Column(parts[0], LogicalType.valueOf(parts[1]), parts[2], true));
    }
    List<Integer> key = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      key.add(i);
    }
    return new Rows(TableSchema.of(new TableName(table), list, key));
  }

  public TableSchema schema() {
    return schema;
  }

  public RowChange insert(Object... values) {
    return new RowChange.Insert(schema.id(), keyOf(values), tuple(values));
  }

  public RowChange update(Object... values) {
    return new RowChange.Update(schema.id(), keyOf(values), Tuple.NONE, tuple(values));
  }

  public RowChange delete(Object... key) {
    return new RowChange.Delete(schema.id(), key(key), Tuple.NONE);
  }

  public RowChange keyChange(Object oldKey, Object... values) {
    return new RowChange.KeyChange(
        schema.id(), key(oldKey), keyOf(values), Tuple.NONE, tuple(values));
  }

  /** An update that says what it replaces. */
  public RowChange updateOver(List<?> before, Object... values) {
    return new RowChange.Update(schema.id(), keyOf(values), tuple(before.toArray()), tuple(values));
  }

  /** A delete of the row as it was. */
  public RowChange deleteOver(Object... row) {
    return new RowChange.Delete(schema.id(), keyOf(row), tuple(row));
  }

  /** A whole row over another one with the same key. */
  public RowChange replace(List<?> before, Object... values) {
    return new RowChange.KeyChange(
        schema.id(), keyOf(values), keyOf(values), tuple(before.toArray()), tuple(values));
  }

  /** A change of key that says what row it was. */
  public RowChange keyChangeOver(List<?> before, Object... values) {
    return new RowChange.KeyChange(
        schema.id(),
        keyOf(before.toArray()),
        keyOf(values),
        tuple(before.toArray()),
        tuple(values));
  }

  public RowChange truncate(RowKey... survivors) {
    return new RowChange.Truncate(schema.id(), List.of(survivors));
  }

  public RowKey key(Object... values) {
    return new RowKey(tuple(values).bytes());
  }

  public static RowChunks chunks(RowChange... changes) {
    return chunks(Arrays.asList(changes));
  }

  public static RowChunks chunks(List<RowChange> changes) {
    RowBlockWriter writer = new RowBlockWriter();
    changes.forEach(writer::put);
    return RowChunks.of(writer.toBlock());
  }

  private RowKey keyOf(Object... values) {
    return key(Arrays.copyOf(values, schema.key().size()));
  }

  private static Tuple tuple(Object... values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (Object value : values) {
      if (value == SAME) {
        writer.putUnchanged();
      } else if (value == null) {
        writer.putNull();
      } else if (value instanceof Plus plus) {
        writer.put(Field.ofDelta(Bytes.utf8(plus.amount())));
      } else if (value instanceof Bytes bytes) {
        writer.putValue(bytes);
      } else {
        writer.putValue(Bytes.utf8(value.toString()));
      }
    }
    return new Tuple(sink.toBytes());
  }
}
