package io.spokewire.common.queue.chronicle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Forcing files to disk. Uses {@link RandomAccessFile} for data, because an interrupt, which stops
 * our loops, would close a channel in the middle.
 */
final class DiskFiles {
  private DiskFiles() {}

  /** Returns when the file's content is on disk, whatever it was written through. */
  static void force(Path file) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.getFD().sync();
    }
  }

  /** Returns when the names in the directory are on disk. */
  static void forceDirectory(Path directory) throws IOException {
    boolean interrupted = Thread.interrupted();
    try (FileChannel open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
