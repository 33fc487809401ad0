package io.spokewire.agent.capture;

import io.spokewire.agent.schema.postgres.PgValueCodec;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import java.util.ArrayList;
import java.util.List;

/** Row changes as lines that a test can be read by. */
public final class RowText {
  private final SchemaBook schemas;

  public RowText(SchemaBook schemas) {
    this.schemas = schemas;
  }

  public List<String> of(RowChunks rows) {
    List<String> lines = new ArrayList<>();
    for (RowBlock block : rows) {
      block.forEach(row -> lines.add(of(row)));
    }
    return lines;
  }

  private String of(RowChange change) {
    TableSchema schema = schemas.get(change.schema());
    String table = schema.table().name();
    return switch (change) {
      case RowChange.Insert c -> "insert " + table + key(schema, c.key()) + row(schema, c.after());
      case RowChange.Update c ->
          "update "
              + table
              + key(schema, c.key())
              + row(schema, c.before())
              + " ->"
              + row(schema, c.after());
      case RowChange.KeyChange c ->
          "rekey "
              + table
              + key(schema, c.oldKey())
              + " ->"
              + key(schema, c.newKey())
              + row(schema, c.before())
              + " ->"
              + row(schema, c.after());
      case RowChange.Delete c -> "delete " + table + key(schema, c.key()) + row(schema, c.before());
      case RowChange.Truncate c -> "truncate " + table;
    };
  }

  private static String key(TableSchema schema, RowKey key) {
    List<String> parts = new ArrayList<>();
    TupleReader reader = key.asTuple().reader();
    while (reader.next()) {
      Column column = schema.columns().get(schema.key().get(reader.ordinal()));
      parts.add(column.name() + "=" + value(column, reader));
    }
    return " " + parts;
  }

  private static String row(TableSchema schema, Tuple row) {
    if (row.isNone()) {
      return " none";
    }
    List<String> parts = new ArrayList<>();
    TupleReader reader = row.reader();
    int columns = 0;
    while (reader.next()) {
      columns++;
      parts.add(value(schema.columns().get(reader.ordinal()), reader));
    }
    if (columns != schema.columns().size()) {
      throw new AssertionError(columns + " fields in a row of " + schema);
    }
    return " (" + String.join(", ", parts) + ")";
  }

  private static String value(Column column, TupleReader reader) {
    return switch (reader.tag()) {
      case NULL -> "null";
      case UNCHANGED -> "_";
      case VALUE -> {
        ByteSink sink = new ByteSink();
        PgValueCodec.appendText(column.type(), reader.value(), sink);
        String text = sink.toBytes().toUtf8();
        yield text.length() <= 60 ? text : text.substring(0, 10) + "…" + text.length();
      }
      default -> throw new AssertionError("field is " + reader.tag());
    };
  }
}
