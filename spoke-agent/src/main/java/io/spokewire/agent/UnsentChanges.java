package io.spokewire.agent;

import io.spokewire.agent.schema.postgres.PgValueCodec;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What of an outbox the hub never got, for people: one JSON object per row change and line, values
 * as the database writes them.
 */
final class UnsentChanges {
  private final Map<SchemaId, TableSchema> shapes = new HashMap<>();
  private final StringBuilder lines = new StringBuilder();
  private long transactions;

  private UnsentChanges() {}

  /**
   * @param known the last transaction that the hub has
   */
  static UnsentChanges of(DurableQueue queue, UpstreamCodec codec, Epoch epoch, Sequence known) {
    UnsentChanges changes = new UnsentChanges();
    List<RowBlock> chunks = new ArrayList<>();
    try (DurableQueue.Reader reader = queue.readFrom(0)) {
      while (reader.next()) {
        UpstreamCodec.Item item = codec.decode(reader.entry());
        if (item.record() instanceof UpstreamRecord.Shape shape) {
          changes.shapes.put(shape.schema().id(), shape.schema());
        } else if (item.epoch().equals(epoch)) {
          changes.take(item.record(), chunks, known);
        }
      }
    }
    return changes;
  }

  String lines() {
    return lines.toString();
  }

  long transactions() {
    return transactions;
  }

  private void take(UpstreamRecord record, List<RowBlock> chunks, Sequence known) {
    switch (record) {
      case UpstreamRecord.Chunk r when r.chunk().sequence().isAfter(known) -> {
        if (r.chunk().index() == 0) {
          chunks.clear(); // what is before was broken off
        }
        chunks.add(r.chunk().rows());
      }
      case UpstreamRecord.Committed r when r.transaction().sequence().isAfter(known) -> {
        Transaction transaction = r.transaction();
        if (transaction.rows().isEmpty()) {
          return; // a transaction once more, without its rows
        }
        chunks.forEach(rows -> put(transaction, rows));
        chunks.clear();
        put(transaction, transaction.rows());
        transactions++;
      }
      default -> {}
    }
  }

  private void put(Transaction transaction, RowBlock rows) {
    for (RowChange change : rows) {
      lines
          .append("{\"sequence\": ")
          .append(transaction.sequence().number())
          .append(", \"committed\": ")
          .append(quoted(transaction.time().toInstant().toString()))
          .append(", \"table\": ");
      TableSchema shape = shapes.get(change.schema());
      lines.append(quoted(shape == null ? change.schema().toString() : shape.table().name()));
      switch (change) {
        case RowChange.Insert c -> line(shape, "insert", Tuple.NONE, c.after());
        case RowChange.Update c -> {
          lines.append(", \"key\": ").append(key(shape, c.key().asTuple()));
          line(shape, "update", c.before(), c.after());
        }
        case RowChange.Delete c -> {
          lines.append(", \"key\": ").append(key(shape, c.key().asTuple()));
          line(shape, "delete", c.before(), Tuple.NONE);
        }
        case RowChange.KeyChange c -> {
          lines.append(", \"key\": ").append(key(shape, c.oldKey().asTuple()));
          line(shape, "update", c.before(), c.after());
        }
        case RowChange.Truncate c -> line(shape, "truncate", Tuple.NONE, Tuple.NONE);
      }
    }
  }

  private void line(@Nullable TableSchema shape, String operation, Tuple before, Tuple after) {
    lines.append(", \"operation\": ").append(quoted(operation));
    if (!before.isNone()) {
      lines.append(", \"before\": ").append(row(shape, before));
    }
    if (!after.isNone()) {
      lines.append(", \"after\": ").append(row(shape, after));
    }
    lines.append("}\n");
  }

  private static String key(@Nullable TableSchema shape, Tuple key) {
    StringBuilder json = new StringBuilder();
    TupleReader reader = key.reader();
    while (reader.next()) {
      Column column = shape == null ? null : shape.columns().get(shape.key().get(reader.ordinal()));
      append(json, column, reader.ordinal(), reader.field());
    }
    return json.isEmpty() ? "{}" : json.append('}').toString();
  }

  private static String row(@Nullable TableSchema shape, Tuple row) {
    StringBuilder json = new StringBuilder();
    TupleReader reader = row.reader();
    while (reader.next()) {
      Column column = shape == null ? null : shape.columns().get(reader.ordinal());
      append(json, column, reader.ordinal(), reader.field());
    }
    return json.isEmpty() ? "{}" : json.append('}').toString();
  }

  private static void append(
      StringBuilder json, @Nullable Column column, int ordinal, Field field) {
    if (field.tag() != FieldTag.VALUE && field.tag() != FieldTag.NULL) {
      return;
    }
    json.append(json.isEmpty() ? "{" : ", ")
        .append(quoted(column == null ? "column " + (ordinal + 1) : column.name()))
        .append(": ")
        .append(field.isNull() ? "null" : quoted(text(column, field.value())));
  }

  private static String text(@Nullable Column column, Bytes value) {
    if (column == null) {
      return value.toHex();
    }
    ByteSink text = new ByteSink();
    PgValueCodec.appendText(column.type(), value, text);
    return text.toBytes().toUtf8();
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
