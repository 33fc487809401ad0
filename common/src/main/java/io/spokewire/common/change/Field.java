package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;

/**
 * One field outside its tuple, still encoded: tag, then what the tag says. Equality is by content,
 * which for canonical values is equality of values.
 */
public record Field(Bytes encoded) {
  public static final Field NULL = ofTag(FieldTag.NULL);
  public static final Field ABSENT = ofTag(FieldTag.ABSENT);
  public static final Field UNCHANGED = ofTag(FieldTag.UNCHANGED);

  public static Field ofEncoded(Bytes encoded) {
    if (encoded.length() == 1) {
      return switch (FieldTag.ofCode(encoded.at(0))) {
        case NULL -> NULL;
        case ABSENT -> ABSENT;
        case UNCHANGED -> UNCHANGED;
        case VALUE, DELTA, PREVIOUS -> throw new IllegalArgumentException("field without value");
      };
    }
    return new Field(encoded);
  }

  public static Field ofValue(Bytes value) {
    ByteSink sink = new ByteSink(value.length() + 4);
    sink.putByte(FieldTag.VALUE.code()).putSized(value);
    return new Field(sink.toBytes());
  }

  public static Field ofDelta(Bytes delta) {
    ByteSink sink = new ByteSink(delta.length() + 4);
    sink.putByte(FieldTag.DELTA.code()).putSized(delta);
    return new Field(sink.toBytes());
  }

  public FieldTag tag() {
    return FieldTag.ofCode(encoded.at(0));
  }

  public boolean isNull() {
    return tag() == FieldTag.NULL;
  }

  public boolean isAbsent() {
    return tag() == FieldTag.ABSENT;
  }

  /** Whether it says what the field holds: a value or NULL. */
  public boolean isPresent() {
    return isNull() || tag() == FieldTag.VALUE;
  }

  /** The canonical bytes of a VALUE or DELTA. */
  public Bytes value() {
    if (tag() != FieldTag.VALUE && tag() != FieldTag.DELTA) {
      throw new IllegalStateException("field is " + tag());
    }
    return new ByteSource(encoded.slice(1, encoded.length() - 1)).readSized();
  }

  public Field detached() {
    return new Field(encoded.detached());
  }

  private static Field ofTag(FieldTag tag) {
    return new Field(Bytes.wrap(new byte[] {(byte) tag.code()}));
  }
}
