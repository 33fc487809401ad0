package io.spokewire.agent.queue;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A transaction's rows cut into pieces of at most a given size, in order: small blocks are joined,
 * large ones are cut between rows without a copy. Only a single row larger than that makes a larger
 * piece. At most one piece and one block are in memory. Not thread-safe.
 */
final class RowPieces implements Iterator<RowBlock> {
  private final Iterator<RowBlock> blocks;
  private final int largest;
  private RowBlock rest = RowBlock.EMPTY; // of the block being cut
  private @Nullable RowBlock joined; // taken from `blocks` and not given yet

  /**
   * @param largest the most bytes of a piece of more than one row
   */
  RowPieces(Iterable<RowBlock> blocks, int largest) {
    this.blocks = blocks.iterator();
    this.largest = largest;
  }

  @Override
  public boolean hasNext() {
    if (joined == null) {
      joined = take();
    }
    return joined != null;
  }

  @Override
  public RowBlock next() {
    if (!hasNext() || joined == null) {
      throw new NoSuchElementException();
    }
    RowBlock piece = joined;
    joined = null;
    RowBlockWriter writer = null;
    while (hasNext() && joined != null && fits(piece, writer, joined)) {
      if (writer == null) {
        writer = new RowBlockWriter();
        writer.putAll(piece);
      }
      writer.putAll(joined);
      joined = null;
    }
    return writer == null ? piece : writer.toBlock();
  }

  private boolean fits(RowBlock piece, @Nullable RowBlockWriter writer, RowBlock more) {
    long size = writer == null ? piece.bytes().length() : writer.size();
    return size + more.bytes().length() <= largest;
  }

  /** The next cut of the block at hand, or of the next block; null at the end. */
  private @Nullable RowBlock take() {
    while (rest.isEmpty()) {
      if (!blocks.hasNext()) {
        return null;
      }
      rest = blocks.next();
    }
    RowBlock whole = rest;
    if (whole.bytes().length() <= largest) {
      rest = RowBlock.EMPTY;
      return whole;
    }
    ByteSource source = new ByteSource(whole.bytes());
    int rows = 0;
    int end = 0;
    while (source.hasRemaining()) {
      source.skip(source.readLength());
      int here = whole.bytes().length() - source.remaining();
      if (rows > 0 && here > largest) {
        break;
      }
      rows++;
      end = here;
    }
    rest =
        new RowBlock(whole.bytes().slice(end, whole.bytes().length() - end), whole.rows() - rows);
    return new RowBlock(whole.bytes().slice(0, end), rows);
  }
}
