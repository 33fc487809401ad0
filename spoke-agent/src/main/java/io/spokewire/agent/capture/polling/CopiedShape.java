package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.ColumnForm;
import io.spokewire.agent.capture.RowForm;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import java.util.ArrayList;
import java.util.List;

/**
 * Which columns an image in the copy has. A table that was altered has images of several shapes.
 *
 * @param id in the copy
 * @param key the names of the key's columns, in its order
 */
record CopiedShape(long id, List<Name> columns, List<String> key) {
  /** A column and what kind of text its values are. */
  record Name(String column, LogicalType type) {}

  static byte[] bytes(RowForm form) {
    ByteSink sink = new ByteSink(256);
    sink.putVarint(form.columns().size());
    for (int i = 0; i < form.columns().size(); i++) {
      ColumnForm column = form.columns().get(i);
      sink.putText(form.schema().columns().get(i).name()).putVarint(column.own().code());
    }
    sink.putVarint(form.schema().key().size());
    form.schema().key().forEach(i -> sink.putText(form.schema().columns().get(i).name()));
    return sink.toBytes().toByteArray();
  }

  static CopiedShape of(long id, byte[] bytes) {
    ByteSource source = new ByteSource(Bytes.wrap(bytes));
    List<Name> columns = new ArrayList<>();
    for (int left = source.readLength(); left > 0; left--) {
      columns.add(new Name(source.readText(), LogicalType.ofCode((int) source.readVarint())));
    }
    List<String> key = new ArrayList<>();
    for (int left = source.readLength(); left > 0; left--) {
      key.add(source.readText());
    }
    return new CopiedShape(id, List.copyOf(columns), List.copyOf(key));
  }

  /** An image of this shape as one of another: what that has more, or of another type, is NULL. */
  byte[] project(byte[] image, CopiedShape to) {
    if (to.id == id) {
      return image;
    }
    RowImages images = new RowImages();
    List<byte[]> values = RowImages.split(image, columns.size());
    for (Name column : to.columns) {
      int at = columns.indexOf(column);
      byte[] value = at < 0 ? RowImages.NULL : values.get(at);
      images.encoded(value);
    }
    return images.take();
  }
}
