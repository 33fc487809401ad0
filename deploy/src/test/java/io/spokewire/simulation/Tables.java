package io.spokewire.simulation;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.id.TableName;
import java.util.List;

/** The tables of every model database, and how their rows are encoded. Values are texts. */
final class Tables {
  static final TableSchema STOCK =
      TableSchema.of(
          new TableName("stock"),
          List.of(
              integer("id"),
              text("note"),
              integer("high"),
              integer("low"),
              integer("level"),
              integer("quantity"),
              integer("pair_a"),
              integer("pair_b")),
          List.of(0));

  /** Rows of it are never deleted, so every write must be found in their lineage or the audit. */
  static final TableSchema LEDGER =
      TableSchema.of(
          new TableName("ledger"),
          List.of(integer("id"), text("lineage"), integer("amount")),
          List.of(0));

  static final List<TableSchema> ALL = List.of(STOCK, LEDGER);

  private Tables() {}

  /** A row of one of the tables. */
  record Key(TableSchema table, int id) implements Comparable<Key> {
    RowKey encoded() {
      ByteSink sink = new ByteSink();
      new TupleWriter(sink).putValue(Bytes.utf8(Integer.toString(id)));
      return new RowKey(sink.toBytes());
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key k && k.id == id && k.table == table;
    }

    @Override
    public int hashCode() {
      return 31 * table.table().hashCode() + id;
    }

    @Override
    public int compareTo(Key other) {
      int byTable = table.table().compareTo(other.table.table());
      return byTable != 0 ? byTable : Integer.compare(id, other.id);
    }

    @Override
    public String toString() {
      return table.table() + "/" + id;
    }
  }

  static Key key(TableSchema table, RowKey key) {
    TupleReader reader = key.asTuple().reader();
    reader.next();
    return new Key(table, Integer.parseInt(reader.value().toUtf8()));
  }

  /** Every field. */
  static Tuple whole(String[] values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (String value : values) {
      writer.putValue(Bytes.utf8(value));
    }
    return new Tuple(sink.toBytes());
  }

  /** The fields in which two versions of a row differ, as one of them has them. */
  static Tuple difference(String[] shown, String[] other) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (int i = 0; i < shown.length; i++) {
      if (shown[i].equals(other[i])) {
        writer.putUnchanged();
      } else {
        writer.putValue(Bytes.utf8(shown[i]));
      }
    }
    return new Tuple(sink.toBytes());
  }

  /** The row with a change made to it; null values of the result were in neither. */
  static String[] patched(String[] row, Tuple change) {
    String[] result = row.clone();
    TupleReader reader = change.reader();
    while (reader.next()) {
      int i = reader.ordinal();
      if (reader.tag() == FieldTag.VALUE) {
        result[i] = reader.value().toUtf8();
      } else if (reader.tag() == FieldTag.DELTA) {
        long sum = Long.parseLong(row[i]) + Long.parseLong(reader.value().toUtf8());
        result[i] = Long.toString(sum);
      } else if (reader.tag() == FieldTag.NULL) {
        throw new AssertionError("a NULL that nobody wrote in column " + i);
      }
    }
    return result;
  }

  static TableSchema of(TableName name) {
    return name.equals(STOCK.table()) ? STOCK : LEDGER;
  }

  static int column(TableSchema table, String name) {
    return table.ordinalOf(name);
  }

  private static Column integer(String name) {
    return new Column(name, LogicalType.INTEGER, "bigint", false);
  }

  private static Column text(String name) {
    return new Column(name, LogicalType.TEXT, "text", false);
  }
}
