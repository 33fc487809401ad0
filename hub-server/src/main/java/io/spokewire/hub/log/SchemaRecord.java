package io.spokewire.hub.log;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.List;

/** A table's shape as fields of a record. Its id is stored and must fit the content. Stateless. */
final class SchemaRecord {
  private SchemaRecord() {}

  static void put(ByteSink sink, TableSchema schema) {
    sink.putInt64(schema.id().value())
        .putText(schema.table().name())
        .putVarint(schema.columns().size());
    for (Column column : schema.columns()) {
      sink.putText(column.name())
          .putVarint(column.type().code())
          .putText(column.nativeType())
          .putByte(column.nullable() ? 1 : 0);
    }
    sink.putVarint(schema.key().size());
    schema.key().forEach(sink::putVarint);
  }

  static TableSchema schema(ByteSource source) {
    SchemaId id = new SchemaId(source.readInt64());
    TableName table = new TableName(source.readText());
    int columnCount = source.readLength();
    List<Column> columns = new ArrayList<>(columnCount);
    for (int i = 0; i < columnCount; i++) {
      columns.add(
          new Column(
              source.readText(),
              LogicalType.ofCode(FieldCodec.count(source)),
              source.readText(),
              source.readByte() != 0));
    }
    int keyCount = source.readLength();
    List<Integer> key = new ArrayList<>(keyCount);
    for (int i = 0; i < keyCount; i++) {
      key.add(FieldCodec.count(source));
    }
    try {
      return new TableSchema(table, columns, key, id);
    } catch (IllegalArgumentException e) {
      throw new MalformedBytesException(String.valueOf(e.getMessage()));
    }
  }
}
