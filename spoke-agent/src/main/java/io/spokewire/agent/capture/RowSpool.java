package io.spokewire.agent.capture;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChunks;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one transaction until its commit: blocks of about {@link
 * SpoolDirectory#blockBytes()}, in memory while the directory's memory lasts, then in a file. Where
 * a block ends depends on the rows alone, so a re-read cuts the same blocks. Not thread-safe.
 */
public final class RowSpool implements AutoCloseable {
  private final SpoolDirectory directory;
  private RowBlockWriter writer = new RowBlockWriter();
  private final SpooledBlocks blocks;

  public RowSpool(SpoolDirectory directory) {
    this.directory = directory;
    this.blocks = new SpooledBlocks(directory);
  }

  /** Where the next row is to be put; call {@link #rowDone()} after each. */
  public RowBlockWriter writer() {
    return writer;
  }

  /** Ends the block if it is large enough. */
  public void rowDone() {
    if (writer.size() >= directory.blockBytes()) {
      blocks.add(writer.toBlock());
      clearWriter();
    }
  }

  public boolean isEmpty() {
    return writer.isEmpty() && blocks.count() == 0;
  }

  /** The present end, to come back to. */
  public Mark mark() {
    return new Mark(blocks.count(), writer.size(), writer.rows());
  }

  /** Drops every row put after the mark was taken. */
  public void truncate(Mark mark) {
    if (mark.blocks < blocks.count()) {
      RowBlock partial = blocks.read(mark.blocks);
      writer.clear();
      RowBlock.Cursor rows = partial.iterator();
      while (rows.hasNext()) {
        rows.next();
        writer.putEncoded(rows.encoded());
      }
      blocks.truncate(mark.blocks);
    }
    writer.truncate(mark.size, mark.rows);
  }

  /** The rows, which the caller closes; the spool is empty afterwards and may be used again. */
  public RowChunks take() {
    if (blocks.count() == 0) {
      RowBlock block = writer.toBlock();
      clearWriter();
      return RowChunks.of(block);
    }
    if (!writer.isEmpty()) {
      blocks.add(writer.toBlock());
      writer.clear();
    }
    return blocks.take();
  }

  public void clear() {
    writer.clear();
    blocks.truncate(0);
  }

  @Override
  public void close() {
    blocks.close();
  }

  /** A buffer that one giant row has blown up is not kept. */
  private void clearWriter() {
    if (writer.size() > 4 * directory.blockBytes()) {
      writer = new RowBlockWriter();
    } else {
      writer.clear();
    }
  }

  /** A place between two rows. */
  public record Mark(int blocks, int size, int rows) {}

  /** Finished blocks; for use by {@link RowSpool} only. */
  static final class SpooledBlocks implements AutoCloseable {
    private final SpoolDirectory directory;
    private List<Block> blocks = new ArrayList<>();
    private @Nullable SpoolFile file;

    SpooledBlocks(SpoolDirectory directory) {
      this.directory = directory;
    }

    int count() {
      return blocks.size();
    }

    void add(RowBlock block) {
      int length = block.bytes().length();
      if (file == null && directory.takeMemory(length)) {
        blocks.add(new Block(block.rows(), length, block.bytes(), 0));
        return;
      }
      SpoolFile to = file;
      if (to == null) {
        to = directory.newFile();
        file = to;
      }
      blocks.add(new Block(block.rows(), length, Bytes.EMPTY, to.append(block.bytes())));
    }

    RowBlock read(int index) {
      return blocks.get(index).read(file);
    }

    void truncate(int count) {
      while (blocks.size() > count) {
        Block last = blocks.removeLast();
        if (last.isInMemory()) {
          directory.giveMemory(last.length);
        } else if (file != null) {
          file.truncate(last.offset);
        }
      }
    }

    RowChunks take() {
      RowChunks taken = new Taken(directory, blocks, file);
      blocks = new ArrayList<>();
      file = null;
      return taken;
    }

    @Override
    public void close() {
      truncate(0);
      if (file != null) {
        file.close();
        file = null;
      }
    }
  }

  /** A finished block: in memory, or at {@code offset} of the file. */
  private record Block(int rows, int length, Bytes memory, long offset) {
    boolean isInMemory() {
      return !memory.isEmpty();
    }

    RowBlock read(@Nullable SpoolFile file) {
      if (isInMemory() || file == null) {
        return new RowBlock(memory, rows);
      }
      return new RowBlock(file.read(offset, length), rows);
    }
  }

  /** A committed transaction's blocks. */
  private static final class Taken implements RowChunks {
    private final SpoolDirectory directory;
    private final List<Block> blocks;
    private final @Nullable SpoolFile file;
    private final long rows;
    private boolean closed;

    Taken(SpoolDirectory directory, List<Block> blocks, @Nullable SpoolFile file) {
      this.directory = directory;
      this.blocks = blocks;
      this.file = file;
      this.rows = blocks.stream().mapToLong(Block::rows).sum();
    }

    @Override
    public long rows() {
      return rows;
    }

    @Override
    public int blocks() {
      return blocks.size();
    }

    @Override
    public Iterator<RowBlock> iterator() {
      return blocks.stream().map(block -> block.read(file)).iterator();
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      blocks.stream().filter(Block::isInMemory).forEach(b -> directory.giveMemory(b.length));
      if (file != null) {
        file.close();
      }
    }
  }
}
