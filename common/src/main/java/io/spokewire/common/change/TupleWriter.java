package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;

/** Appends fields, in column order, to a sink that the caller owns. Not thread-safe. */
public final class TupleWriter {
  private final ByteSink sink;

  public TupleWriter(ByteSink sink) {
    this.sink = sink;
  }

  public TupleWriter putNull() {
    sink.putByte(FieldTag.NULL.code());
    return this;
  }

  public TupleWriter putAbsent() {
    sink.putByte(FieldTag.ABSENT.code());
    return this;
  }

  public TupleWriter putUnchanged() {
    sink.putByte(FieldTag.UNCHANGED.code());
    return this;
  }

  public TupleWriter putValue(Bytes value) {
    sink.putByte(FieldTag.VALUE.code()).putSized(value);
    return this;
  }

  public TupleWriter putValue(byte[] array, int offset, int length) {
    sink.putByte(FieldTag.VALUE.code()).putVarint(length).put(array, offset, length);
    return this;
  }

  /** A value of four bytes, big-endian. */
  public TupleWriter putInt32Value(int value) {
    sink.putByte(FieldTag.VALUE.code()).putByte(4).putInt32(value);
    return this;
  }

  /** A value of eight bytes, big-endian. */
  public TupleWriter putInt64Value(long value) {
    sink.putByte(FieldTag.VALUE.code()).putByte(8).putInt64(value);
    return this;
  }

  /** A value of sixteen bytes, big-endian. */
  public TupleWriter putInt128Value(long high, long low) {
    sink.putByte(FieldTag.VALUE.code()).putByte(16).putInt64(high).putInt64(low);
    return this;
  }

  public TupleWriter putDelta(Bytes delta) {
    sink.putByte(FieldTag.DELTA.code()).putSized(delta);
    return this;
  }

  /** A field that already carries its tag. */
  public TupleWriter putEncoded(Bytes field) {
    sink.put(field);
    return this;
  }

  public TupleWriter put(Field field) {
    return putEncoded(field.encoded());
  }

  /** The value a field had, and the one it has now; both NULL, ABSENT or VALUE. */
  public TupleWriter putPrevious(Field previous, Field present) {
    sink.putByte(FieldTag.PREVIOUS.code()).put(previous.encoded()).put(present.encoded());
    return this;
  }
}
