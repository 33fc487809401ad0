package io.spokewire.agent.capture;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where large transactions wait for their commit. What is in it belongs to one run: it is emptied
 * at the start, because the log gives everything again. Nothing is synced.
 *
 * <p>Memory is shared by all transactions of the source; blocks may be given back by the thread
 * that closes a transaction's rows.
 */
public final class SpoolDirectory {
  private static final String SUFFIX = ".rows";

  private final Path directory;
  private final int blockBytes;
  private final long memoryBytes;
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong files = new AtomicLong();

  /**
   * Empties the directory, and makes it if it is not there.
   *
   * @param blockBytes how large a block of rows gets before the next begins; one row may be larger
   * @param memoryBytes how much of all transactions' blocks stays in memory
   */
  public SpoolDirectory(Path directory, int blockBytes, long memoryBytes) {
    this.directory = directory;
    this.blockBytes = blockBytes;
    this.memoryBytes = memoryBytes;
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
        for (Path file : left) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw fault("open the spool", directory, e);
    }
  }

  /** Blocks of one megabyte, four megabytes of memory. */
  public SpoolDirectory(Path directory) {
    this(directory, 1 << 20, 4 << 20);
  }

  int blockBytes() {
    return blockBytes;
  }

  boolean takeMemory(int bytes) {
    if (used.addAndGet(bytes) <= memoryBytes) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  void giveMemory(int bytes) {
    used.addAndGet(-bytes);
  }

  SpoolFile newFile() {
    return new SpoolFile(directory.resolve(files.incrementAndGet() + SUFFIX));
  }

  static Fault fault(String operation, Path path, IOException e) {
    return Fault.of(FaultKind.INTERNAL, operation, String.valueOf(e.getMessage()))
        .at(path)
        .hint("check space and rights of the data directory")
        .healsByItself()
        .causedBy(e);
  }
}
