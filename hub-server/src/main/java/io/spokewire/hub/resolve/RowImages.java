package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.Tuple;
import io.spokewire.hub.entry.FieldImage;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a conflict over a row's existence, whole as far as they are known: what a write says,
 * else what the row is known to have held. A column of which nothing is known is UNCHANGED.
 */
final class RowImages {
  private final RowWindow row;
  private final RowWrite write;
  private final @Nullable Field[] previous;

  /**
   * @param row as it is before the write enters it
   * @param write the arriving one
   */
  RowImages(RowWindow row, RowWrite write) {
    this.row = row;
    this.write = write;
    this.previous = write.previous();
  }

  /** What the arriving write found. */
  FieldImage before() {
    return switch (write.kind) {
      case INSERT -> FieldImage.NO_ROW;
      case UPDATE -> FieldImage.ofRow(filled(write.shape, found()));
      case DELETE -> FieldImage.ofRow(write.before);
      case TRUNCATE -> FieldImage.ofRow(of(write));
    };
  }

  /**
   * What it changed has the value it found or none that is known; never what somebody else wrote.
   */
  private @Nullable Field[] found() {
    @Nullable Field[] found = write.written();
    for (int i = 0; i < found.length; i++) {
      Field before = previous[i];
      found[i] = found[i] != null && before == null ? Field.UNCHANGED : before;
    }
    return found;
  }

  /** What the arriving write made, or deleted. */
  Tuple own() {
    return of(write);
  }

  /** What a sibling made, or deleted. */
  Tuple of(Version sibling) {
    return of(sibling.write);
  }

  /**
   * What came of it.
   *
   * @param settled by column; null where the arriving write wrote nothing
   */
  Tuple after(@Nullable Field[] settled) {
    return filled(write.shape, settled);
  }

  private Tuple of(RowWrite side) {
    return switch (side.kind) {
      case INSERT -> side.after;
      case UPDATE -> filled(side.shape, side.written());
      case DELETE -> side.before;
      case TRUNCATE -> filled(write.shape, new Field[write.shape.columns()]);
    };
  }

  private Tuple filled(Shape shape, @Nullable Field[] said) {
    @Nullable Field[] all = new Field[said.length];
    for (int i = 0; i < said.length; i++) {
      Field value = said[i];
      all[i] = value == null || value.isAbsent() ? known(shape.field(i)) : value;
    }
    return Tuple.of(all, Field.UNCHANGED);
  }

  private @Nullable Field known(int field) {
    Field value = row.valueOf(field);
    int ordinal = write.shape.ordinalOf(field);
    return value != null || ordinal < 0 ? value : previous[ordinal];
  }
}
