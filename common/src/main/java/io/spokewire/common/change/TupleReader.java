package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;

/**
 * Walks the fields of a tuple from first to last without making an object per field. Usage: while
 * {@link #next()}, look at {@link #tag()} and, for a value, {@link #value()}. Not thread-safe.
 */
public final class TupleReader {
  private final Bytes bytes;
  private final ByteSource source;
  private int ordinal = -1;
  private int start;
  private FieldTag tag = FieldTag.ABSENT;
  private int valueStart;
  private int valueLength;

  TupleReader(Bytes bytes) {
    this.bytes = bytes;
    this.source = new ByteSource(bytes);
  }

  /** Moves to the next field; false after the last. */
  public boolean next() {
    if (!source.hasRemaining()) {
      return false;
    }
    ordinal++;
    start = here();
    readField();
    if (tag == FieldTag.PREVIOUS) {
      readField();
      readField();
      tag = FieldTag.PREVIOUS;
    }
    return true;
  }

  /** The place of the field in the tuple, from 0. */
  public int ordinal() {
    return ordinal;
  }

  public FieldTag tag() {
    return tag;
  }

  /** The canonical bytes of a VALUE or DELTA; shares the tuple's array. */
  public Bytes value() {
    if (tag != FieldTag.VALUE && tag != FieldTag.DELTA) {
      throw new IllegalStateException("field " + ordinal + " is " + tag);
    }
    return bytes.slice(valueStart, valueLength);
  }

  /** The whole field with its tag, to be copied as it is; shares the tuple's array. */
  public Bytes encoded() {
    return bytes.slice(start, here() - start);
  }

  /** The field as a value of its own. */
  public Field field() {
    return Field.ofEncoded(encoded());
  }

  private void readField() {
    tag = FieldTag.ofCode(source.readByte());
    if (tag == FieldTag.VALUE || tag == FieldTag.DELTA) {
      valueLength = source.readLength();
      valueStart = here();
      source.skip(valueLength);
    }
  }

  private int here() {
    return bytes.length() - source.remaining();
  }
}
