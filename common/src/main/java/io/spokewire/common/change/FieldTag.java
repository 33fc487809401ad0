package io.spokewire.common.change;

import io.spokewire.common.bytes.MalformedBytesException;

/**
 * The first byte of every field in a tuple. {@code PREVIOUS} wraps the value a field had before and
 * the value it has now: tag, then two fields.
 */
public enum FieldTag {
  NULL(0),
  /** The sender does not say, or the row does not exist: never competes in a rule. */
  ABSENT(1),
  /** Not changed by this change (an unchanged column, or an unchanged TOAST value): never NULL. */
  UNCHANGED(2),
  /** Length as varint, then the canonical bytes. */
  VALUE(3),
  /** Length as varint, then a canonical DECIMAL or INTEGER to be added. */
  DELTA(4),
  /** Two fields follow: the previous one and the present one. */
  PREVIOUS(5);

  private static final FieldTag[] BY_CODE = values();

  private final int code;

  FieldTag(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** The tag with this code; an unknown one is refused, never skipped. */
  static FieldTag ofCode(int code) {
    if (code >= BY_CODE.length) {
      throw new MalformedBytesException("unknown field tag " + code);
    }
    return BY_CODE[code];
  }
}
