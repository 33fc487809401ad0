package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.RowForm;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.mysql.MyShape;
import io.spokewire.agent.schema.mysql.MyTypes;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import java.util.ArrayList;
import java.util.List;

/**
 * How the rows that one set of triggers logged are to be read. Not thread-safe: encoders are not.
 *
 * @param bytes as triggers were made for it
 */
record LoggedShape(LocalName table, Bytes bytes, RowForm form) {
  TableSchema schema() {
    return form.schema();
  }

  /** A table's columns and key, as {@link #of} reads them. */
  static byte[] bytes(MyShape shape) {
    ByteSink sink = new ByteSink(256);
    sink.putVarint(shape.columns().size());
    for (Column column : shape.columns()) {
      sink.putText(column.name()).putText(column.nativeType()).putByte(column.nullable() ? 1 : 0);
    }
    sink.putVarint(shape.key().size());
    shape.key().forEach(sink::putVarint);
    return sink.toBytes().toByteArray();
  }

  static LoggedShape of(LocalName table, TableName name, byte[] bytes, AgreedTypes agreed) {
    ByteSource source = new ByteSource(Bytes.wrap(bytes));
    int count = source.readLength();
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String column = source.readText();
      String nativeType = source.readText();
      boolean nullable = source.readByte() == 1;
      columns.add(new Column(column, MyTypes.logicalType(nativeType), nativeType, nullable));
    }
    int keys = source.readLength();
    List<Integer> key = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      key.add((int) source.readVarint());
    }
    TableSchema own = TableSchema.of(name, columns, key);
    return new LoggedShape(table, Bytes.wrap(bytes), LoggedColumn.form(own, agreed));
  }
}
