package io.spokewire.hub.stream;

import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.id.SchemaId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks received rows before anybody acts on them: known shapes, as many fields as columns, lengths
 * that fit. Done on the connection's thread, so that the sequencer, which all spokes share, meets
 * whole rows only. Values inside fields are not looked at. Not thread-safe.
 */
final class RowCheck {
  private final SchemaBook known;
  private final Map<SchemaId, TableSchema> announced = new HashMap<>();

  RowCheck(SchemaBook known) {
    this.known = known;
  }

  /** A shape that this session's rows may use from now on. */
  void announce(TableSchema schema) {
    announced.put(schema.id(), schema);
  }

  /**
   * @throws MalformedBytesException if a row is not whole or its shape was never announced
   */
  void check(RowBlock rows) {
    int found = 0;
    for (RowChange change : rows) {
      TableSchema schema = schema(change.schema());
      switch (change) {
        case RowChange.Insert c -> {
          key(schema, c.key());
          whole(schema, c.after());
        }
        case RowChange.Update c -> {
          key(schema, c.key());
          image(schema, c.before());
          whole(schema, c.after());
        }
        case RowChange.KeyChange c -> {
          key(schema, c.oldKey());
          key(schema, c.newKey());
          image(schema, c.before());
          whole(schema, c.after());
        }
        case RowChange.Delete c -> {
          key(schema, c.key());
          image(schema, c.before());
        }
        case RowChange.Truncate c -> {
          if (!c.survivors().isEmpty()) {
            throw new MalformedBytesException("a TRUNCATE of a site that spares rows");
          }
        }
      }
      found++;
    }
    if (found != rows.rows()) {
      throw new MalformedBytesException(found + " rows in a block that says " + rows.rows());
    }
  }

  private TableSchema schema(SchemaId id) {
    @Nullable TableSchema schema = announced.get(id);
    if (schema == null) {
      if (!known.contains(id)) {
        throw new MalformedBytesException("rows in a shape that was not announced: " + id);
      }
      schema = known.get(id);
      announced.put(id, schema);
    }
    return schema;
  }

  private static void key(TableSchema schema, RowKey key) {
    fields(schema, key.asTuple(), schema.key().size());
  }

  private static void whole(TableSchema schema, Tuple tuple) {
    fields(schema, tuple, schema.columns().size());
  }

  private static void image(TableSchema schema, Tuple tuple) {
    if (!tuple.isNone()) {
      whole(schema, tuple);
    }
  }

  private static void fields(TableSchema schema, Tuple tuple, int expected) {
    TupleReader reader = tuple.reader();
    int found = 0;
    while (reader.next()) {
      found++;
    }
    if (found != expected) {
      throw new MalformedBytesException(
          found + " fields instead of " + expected + " in a row of " + schema.table());
    }
  }
}
