package io.spokewire.common.change;

import io.spokewire.common.bytes.Bytes;

/**
 * The values of a row's key columns in key order, encoded as a tuple. Equal keys have equal bytes,
 * because values are canonical.
 */
public record RowKey(Bytes bytes) {
  public Tuple asTuple() {
    return new Tuple(bytes);
  }

  public RowKey detached() {
    return new RowKey(bytes.detached());
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
