package io.spokewire.hub.entry;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.Tuple;

/**
 * What a field held at one moment.
 *
 * @param value the column's value; ABSENT if it had none or it is not known. Of a row's existence
 *     {@code t} or {@code f}
 * @param row of a row's existence, the row itself as far as it is known: UNCHANGED where it is not,
 *     NONE if there was no row. NONE for a column
 */
public record FieldImage(Field value, Tuple row) {
  /** What a row's existence holds when there is a row. */
  public static final Field EXISTS = Field.ofValue(Bytes.utf8("t"));

  /** What a row's existence holds when there is none. */
  public static final Field IS_GONE = Field.ofValue(Bytes.utf8("f"));

  public static final FieldImage NO_ROW = new FieldImage(IS_GONE, Tuple.NONE);

  /** A column's. */
  public static FieldImage of(Field value) {
    return new FieldImage(value, Tuple.NONE);
  }

  /** A row that is there. */
  public static FieldImage ofRow(Tuple row) {
    return new FieldImage(EXISTS, row);
  }
}
