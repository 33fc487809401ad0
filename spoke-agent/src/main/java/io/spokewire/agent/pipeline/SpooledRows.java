package io.spokewire.agent.pipeline;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a large entry as its parts come: in memory up to a limit, beyond it in a file. The
 * file is a buffer only; after a crash the hub sends the entry again. Not thread-safe.
 */
final class SpooledRows implements RowChunks {
  private final Path directory;
  private final long memory;
  private final List<RowBlock> held = new ArrayList<>();
  private @Nullable Path file;
  private @Nullable DataOutputStream out;
  private long heldBytes;
  private long rows;
  private int blocks;

  /**
   * @param memory bytes kept in memory before a file is made
   */
  SpooledRows(Path directory, long memory) {
    this.directory = directory;
    this.memory = memory;
  }

  void add(RowBlock block) {
    if (block.isEmpty()) {
      return;
    }
    rows += block.rows();
    blocks++;
    if (out == null && heldBytes + block.bytes().length() <= memory) {
      held.add(block);
      heldBytes += block.bytes().length();
      return;
    }
    try {
      if (out == null) {
        file = Files.createTempFile(directory, "rows", ".spool");
        out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
        for (RowBlock earlier : held) {
          write(out, earlier);
        }
        held.clear();
        heldBytes = 0;
      }
      write(out, block);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static void write(DataOutputStream to, RowBlock block) throws IOException {
    Bytes bytes = block.bytes();
    to.writeInt(block.rows());
    to.writeInt(bytes.length());
    to.write(bytes.backingArray(), bytes.backingOffset(), bytes.length());
  }

  /** Bytes in memory. */
  long heldBytes() {
    return heldBytes;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  @Override
  public Iterator<RowBlock> iterator() {
    Path spooled = file;
    if (spooled == null || out == null) {
      return held.iterator();
    }
    try {
      out.flush();
      return new FileBlocks(
          new DataInputStream(new BufferedInputStream(Files.newInputStream(spooled), 1 << 16)),
          blocks);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    held.clear();
    try {
      if (out != null) {
        out.close();
      }
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Fault failed(IOException e) {
    return Fault.of(FaultKind.INTERNAL, "spool a large entry", String.valueOf(e.getMessage()))
        .at(directory)
        .hint("check free space")
        .healsByItself()
        .causedBy(e);
  }

  /** Reads the blocks back one at a time. */
  private static final class FileBlocks implements Iterator<RowBlock> {
    private final DataInputStream in;
    private int left;

    FileBlocks(DataInputStream in, int blocks) {
      this.in = in;
      this.left = blocks;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public RowBlock next() {
      if (left == 0) {
        throw new NoSuchElementException();
      }
      try {
        int rows = in.readInt();
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        if (--left == 0) {
          in.close();
        }
        return new RowBlock(Bytes.wrap(bytes), rows);
      } catch (IOException e) {
        throw new UncheckedIOException("a spool file can't be read back", e);
      }
    }
  }
}
