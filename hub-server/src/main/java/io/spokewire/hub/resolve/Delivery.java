package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;

/**
 * What an outcome sent of one row: nothing, the whole row (or its deletion), or some fields, each
 * as an absolute value or as a delta.
 *
 * <p>Fields sent without the whole row say nothing about the row's existence: on a row that is
 * missing they have no effect. So only a whole delivery counts for {@link Shape#EXISTENCE}.
 */
final class Delivery {
  static final Delivery NONE = new Delivery(false, new FieldSet(), new FieldSet());
  static final Delivery WHOLE = new Delivery(true, new FieldSet(), new FieldSet());

  private final boolean whole;
  private final FieldSet absolute;
  private final FieldSet deltas;

  private Delivery(boolean whole, FieldSet absolute, FieldSet deltas) {
    this.whole = whole;
    this.absolute = absolute;
    this.deltas = deltas;
  }

  /** Some fields. Both sets belong to the delivery from now on. */
  static Delivery ofFields(FieldSet absolute, FieldSet deltas) {
    return absolute.isEmpty() && deltas.isEmpty() ? NONE : new Delivery(false, absolute, deltas);
  }

  void putTo(ByteSink sink) {
    sink.putByte(whole ? 1 : 0);
    absolute.putTo(sink);
    deltas.putTo(sink);
  }

  static Delivery readFrom(ByteSource source) {
    boolean whole = source.readByte() == 1;
    FieldSet absolute = FieldSet.readFrom(source);
    FieldSet deltas = FieldSet.readFrom(source);
    return whole ? WHOLE : ofFields(absolute, deltas);
  }

  boolean isNothing() {
    return !whole && absolute.isEmpty() && deltas.isEmpty();
  }

  /** Whether it overwrote the field with a value. */
  boolean overwrote(int field) {
    return whole || (field != Shape.EXISTENCE && absolute.contains(field));
  }

  /** Whether it changed the field in any way. */
  boolean touched(int field) {
    return overwrote(field) || deltas.contains(field);
  }
}
