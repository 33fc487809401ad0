package io.spokewire.common.change;

import io.spokewire.common.bytes.Bytes;

/**
 * The fields of a row in its schema's column order, encoded. Travels as bytes: the hub reads inside
 * only when a rule needs a value. {@link #NONE} means "no image".
 *
 * <p>Layout: for each column a {@link FieldTag} byte and what the tag says follows.
 */
public record Tuple(Bytes bytes) {
  public static final Tuple NONE = new Tuple(Bytes.EMPTY);

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
