package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a row in its schema's column order, encoded. Travels as bytes: the hub reads inside
 * only when a rule needs a value. {@link #NONE} means "no image".
 *
 * <p>Layout: for each column a {@link FieldTag} byte and what the tag says follows.
 */
public record Tuple(Bytes bytes) {
  public static final Tuple NONE = new Tuple(Bytes.EMPTY);

  /**
   * A tuple of these fields.
   *
   * @param fields by column; null where {@code elsewhere} stands
   */
  public static Tuple of(@Nullable Field[] fields, Field elsewhere) {
    int length = 0;
    for (Field field : fields) {
      length += (field == null ? elsewhere : field).encoded().length();
    }
    ByteSink sink = new ByteSink(length);
    for (Field field : fields) {
      sink.put((field == null ? elsewhere : field).encoded());
    }
    return new Tuple(sink.toBytes());
  }

  public boolean isNone() {
    return bytes.isEmpty();
  }

  public TupleReader reader() {
    return new TupleReader(bytes);
  }

  public Tuple detached() {
    return new Tuple(bytes.detached());
  }
}
