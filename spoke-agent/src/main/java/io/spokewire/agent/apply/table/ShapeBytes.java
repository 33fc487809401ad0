package io.spokewire.agent.apply.table;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * A shape as bytes in {@code spokewire.shape}: parked rows outlive the session in which the hub
 * announced theirs. The first byte is the version of the layout.
 */
final class ShapeBytes {
  private static final int VERSION = 1;

  private ShapeBytes() {}

  static Bytes encode(TableSchema shape) {
    ByteSink sink = new ByteSink();
    sink.putByte(VERSION).putText(shape.table().name()).putVarint(shape.columns().size());
    for (Column column : shape.columns()) {
      sink.putText(column.name())
          .putVarint(column.type().code())
          .putText(column.nativeType())
          .putByte(column.nullable() ? 1 : 0);
    }
    sink.putVarint(shape.key().size());
    shape.key().forEach(sink::putVarint);
    return sink.toBytes();
  }

  static TableSchema decode(Bytes bytes) {
    ByteSource source = new ByteSource(bytes);
    int version = source.readByte();
    if (version != VERSION) {
      throw new IllegalStateException("a parked row's shape has layout " + version);
    }
    TableName table = new TableName(source.readText());
    List<Column> columns = new ArrayList<>();
    for (long left = source.readVarint(); left > 0; left--) {
      columns.add(
          new Column(
              source.readText(),
              LogicalType.ofCode((int) source.readVarint()),
              source.readText(),
              source.readByte() == 1));
    }
    List<Integer> key = new ArrayList<>();
    for (long left = source.readVarint(); left > 0; left--) {
      key.add((int) source.readVarint());
    }
    return TableSchema.of(table, columns, key);
  }
}
