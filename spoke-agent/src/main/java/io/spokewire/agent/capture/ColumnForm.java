package io.spokewire.agent.capture;

import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TupleWriter;

/** How one column's value in an image of a row becomes a field. Not thread-safe. */
public interface ColumnForm {
  /** What the column's type is here, whatever was agreed. */
  LogicalType own();

  /** Writes the field whose bytes the image has; NULL is the caller's business. */
  void write(byte[] image, int offset, int length, TupleWriter out);
}
