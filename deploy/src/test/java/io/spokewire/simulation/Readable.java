package io.spokewire.simulation;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.hub.entry.RowResolution;
import java.util.List;
import java.util.stream.Collectors;

/** Rows and what became of them, for people. */
final class Readable {
  private static final SchemaBook SCHEMAS = new SchemaBook();

  static {
    SCHEMAS.addAll(Tables.ALL);
  }

  private Readable() {}

  static String of(List<RowResolution> resolutions) {
    return resolutions.stream()
        .map(
            r ->
                "row %d: others %s, origin %s, exists %s"
                    .formatted(r.row(), row(r.forOthers()), row(r.forOrigin()), r.exists()))
        .collect(Collectors.joining("; "));
  }

  private static String row(Bytes encoded) {
    return encoded.isEmpty() ? "-" : of(new RowBlock(encoded, 1));
  }

  static String of(RowBlock rows) {
    StringBuilder text = new StringBuilder();
    for (RowChange change : rows) {
      text.append(text.isEmpty() ? "" : ", ");
      switch (change) {
        case RowChange.Insert c -> text.append("insert ").append(of(change, c.after()));
        case RowChange.Update c ->
            text.append("update ")
                .append(Tables.key(SCHEMAS.get(c.schema()), c.key()))
                .append(of(change, c.after()));
        case RowChange.Delete c ->
            text.append("delete ").append(Tables.key(SCHEMAS.get(c.schema()), c.key()));
        case RowChange.KeyChange c -> text.append(c);
        case RowChange.Truncate c -> text.append(c);
      }
    }
    return text.toString();
  }

  private static String of(RowChange change, Tuple tuple) {
    TableSchema table = SCHEMAS.get(change.schema());
    StringBuilder text = new StringBuilder("{");
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      String name = table.columns().get(reader.ordinal()).name();
      if (reader.tag() == FieldTag.VALUE) {
        text.append(' ').append(name).append('=').append(reader.value().toUtf8());
      } else if (reader.tag() == FieldTag.DELTA) {
        text.append(' ').append(name).append("+=").append(reader.value().toUtf8());
      }
    }
    return text.append(" }").toString();
  }
}
