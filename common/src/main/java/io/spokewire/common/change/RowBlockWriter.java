package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SchemaId;

/**
 * Collects row changes into a {@link RowBlock}. Reusable after {@link #clear()}. Not thread-safe.
 */
public final class RowBlockWriter {
  private final ByteSink block;
  private final ByteSink row;
  private int rows;

  public RowBlockWriter() {
    this(4096, 512);
  }

  /** With so much room at first, in bytes. */
  RowBlockWriter(int forBlock, int forRow) {
    this.block = new ByteSink(forBlock);
    this.row = new ByteSink(forRow);
  }

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
      case RowChange.Truncate c -> {
        begin(RowBlock.TRUNCATE, c.schema());
        c.survivors().forEach(this::add);
      }
    }
    block.putVarint(row.size()).put(row.backingArray(), 0, row.size());
    rows++;
    return this;
  }

  /** An insert from its encoded parts, which are copied; no object is made. */
  public RowBlockWriter putInsert(SchemaId schema, ByteSink key, ByteSink after) {
    head(RowBlock.INSERT, schema, sizedLength(key) + sizedLength(after));
    return part(key).part(after).endRow();
  }

  /** As {@link #putInsert}; an empty {@code before} is no image. */
  public RowBlockWriter putUpdate(SchemaId schema, ByteSink key, ByteSink before, ByteSink after) {
    head(RowBlock.UPDATE, schema, sizedLength(key) + sizedLength(before) + sizedLength(after));
    return part(key).part(before).part(after).endRow();
  }

  /** As {@link #putUpdate}, for a row that changes its key. */
  public RowBlockWriter putKeyChange(
      SchemaId schema, ByteSink oldKey, ByteSink newKey, ByteSink before, ByteSink after) {
    int keys = sizedLength(oldKey) + sizedLength(newKey);
    head(RowBlock.KEY_CHANGE, schema, keys + sizedLength(before) + sizedLength(after));
    return part(oldKey).part(newKey).part(before).part(after).endRow();
  }

  /** As {@link #putInsert}; an empty {@code before} is no image. */
  public RowBlockWriter putDelete(SchemaId schema, ByteSink key, ByteSink before) {
    head(RowBlock.DELETE, schema, sizedLength(key) + sizedLength(before));
    return part(key).part(before).endRow();
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

  /** Drops every row put after the writer had {@code oldSize} bytes in {@code oldRows} rows. */
  public void truncate(int oldSize, int oldRows) {
    if (oldRows < 0 || oldRows > rows) {
      throw new IndexOutOfBoundsException(oldRows + " of " + rows + " rows");
    }
    block.truncate(oldSize);
    rows = oldRows;
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

  private void head(int kind, SchemaId schema, int parts) {
    block.putVarint(1 + Long.BYTES + (long) parts).putByte(kind).putInt64(schema.value());
  }

  private RowBlockWriter part(ByteSink part) {
    block.putVarint(part.size()).put(part.backingArray(), 0, part.size());
    return this;
  }

  private RowBlockWriter endRow() {
    rows++;
    return this;
  }

  private static int sizedLength(ByteSink part) {
    int size = part.size();
    int varint = 1;
    for (int rest = size >>> 7; rest != 0; rest >>>= 7) {
      varint++;
    }
    return Math.addExact(varint, size);
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
