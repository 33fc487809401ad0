package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SchemaId;

/**
 * Collects row changes into a {@link RowBlock}. Reusable after {@link #clear()}. Not thread-safe.
 */
public final class RowBlockWriter {
  private final ByteSink block = new ByteSink(4096);
  private final ByteSink row = new ByteSink(512);
  private int rows;

  public RowBlockWriter put(RowChange change) {
    switch (change) {
      case RowChange.Insert c -> begin(RowBlock.INSERT, c.schema()).add(c.key()).add(c.after());
      case RowChange.Update c ->
          begin(RowBlock.UPDATE, c.schema()).add(c.key()).add(c.before()).add(c.after());
      case RowChange.KeyChange c ->
          begin(RowBlock.KEY_CHANGE, c.schema())
              .add(c.oldKey())
              .add(c.newKey())
              .add(c.before())
              .add(c.after());
      case RowChange.Delete c -> begin(RowBlock.DELETE, c.schema()).add(c.key()).add(c.before());
      case RowChange.Truncate c -> begin(RowBlock.TRUNCATE, c.schema());
    }
    block.putVarint(row.size()).put(row.backingArray(), 0, row.size());
    rows++;
    return this;
  }

  /** A row that is already encoded with its length, from {@link RowBlock.Cursor#encoded()}. */
  public RowBlockWriter putEncoded(Bytes encodedRow) {
    block.put(encodedRow);
    rows++;
    return this;
  }

  /** All rows of a block, copied as they are. */
  public RowBlockWriter putAll(RowBlock rows) {
    block.put(rows.bytes());
    this.rows += rows.rows();
    return this;
  }

  public int rows() {
    return rows;
  }

  /** Encoded size so far, in bytes. */
  public int size() {
    return block.size();
  }

  public boolean isEmpty() {
    return rows == 0;
  }

  /** A copy of what was put so far. */
  public RowBlock toBlock() {
    return rows == 0 ? RowBlock.EMPTY : new RowBlock(block.toBytes(), rows);
  }

  public void clear() {
    block.clear();
    rows = 0;
  }

  private RowBlockWriter begin(int kind, SchemaId schema) {
    row.clear();
    row.putByte(kind).putInt64(schema.value());
    return this;
  }

  private RowBlockWriter add(RowKey key) {
    row.putSized(key.bytes());
    return this;
  }

  private RowBlockWriter add(Tuple tuple) {
    row.putSized(tuple.bytes());
    return this;
  }
}
