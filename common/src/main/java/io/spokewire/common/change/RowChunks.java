package io.spokewire.common.change;

import java.util.Iterator;
import java.util.List;

/**
 * A transaction's rows as a run of blocks: one block in memory for most, many on disk for a large
 * one. May be walked any number of times, by one thread at a time. Whoever receives one closes it.
 */
public interface RowChunks extends Iterable<RowBlock>, AutoCloseable {
  /** How many rows there are in all blocks. */
  long rows();

  /** How many blocks there are; 0 for no rows. */
  int blocks();

  @Override
  Iterator<RowBlock> iterator();

  /** Frees what backs the rows. */
  @Override
  default void close() {}

  /** One block in memory. */
  static RowChunks of(RowBlock block) {
    return new RowChunks() {
      @Override
      public long rows() {
        return block.rows();
      }

      @Override
      public int blocks() {
        return block.isEmpty() ? 0 : 1;
      }

      @Override
      public Iterator<RowBlock> iterator() {
        return block.isEmpty() ? List.<RowBlock>of().iterator() : List.of(block).iterator();
      }
    };
  }
}
