package io.spokewire.common.queue.chronicle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Takes disk space before it is written to through a memory map. A map is sparse: on a full disk,
 * touching it kills the process instead of failing. So zeros, which is what Chronicle expects
 * there, are written ahead of it in the ordinary way, which fails with an error. Owned by the
 * appending thread.
 */
final class SpaceAhead implements AutoCloseable {
  private static final int STEP = 1 << 20;
  private static final byte[] ZEROS = new byte[STEP];

  /** Room for what Chronicle writes of its own between two documents (an index page). */
  private static final int OWN_ROOM = 1 << 17;

  private final RandomAccessFile file;
  private long end;

  /**
   * @param written where the file's content ends; nothing from there on is touched by others
   */
  SpaceAhead(Path path, long written) throws IOException {
    this.file = new RandomAccessFile(path.toFile(), "rw");
    this.end = written + OWN_ROOM;
    boolean taken = false;
    try {
      fill(written, end);
      taken = true;
    } finally {
      if (!taken) {
        file.close();
      }
    }
  }

  /** Room for a new file's first pages can only be looked for, not taken. */
  static void lookFor(Path directory, long bytes) throws IOException {
    long needed = bytes + 4L * STEP;
    long usable = Files.getFileStore(directory).getUsableSpace();
    if (usable < needed) {
      throw new IOException("No space left on device: " + usable + " bytes, " + needed + " needed");
    }
  }

  /** Makes sure of space for {@code bytes} more after {@code written}, or fails. */
  void ensure(long written, long bytes) throws IOException {
    long needed = written + bytes + OWN_ROOM;
    while (end < needed) {
      fill(end, end + STEP);
      end += STEP;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void fill(long from, long to) throws IOException {
    file.seek(from);
    file.write(ZEROS, 0, (int) (to - from));
  }
}
