package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import org.jspecify.annotations.Nullable;

/** A row as the site of a write has it: what the write says, else what the site had seen. */
final class WriterRow {
  private final Mark mark;
  private final RowWindow row;
  private final Shape shape;
  private final @Nullable Field[] written;

  /**
   * @param row as it is before the write enters it
   * @param written what the write says, by column of its shape
   */
  WriterRow(Mark mark, RowWindow row, Shape shape, @Nullable Field[] written) {
    this.mark = mark;
    this.row = row;
    this.shape = shape;
    this.written = written;
  }

  /** What it holds in a column; null if nobody wrote that in the window. */
  @Nullable Field in(int ordinal) {
    Field value = written[ordinal];
    return value != null ? value : row.seenBy(mark, shape.field(ordinal));
  }
}
