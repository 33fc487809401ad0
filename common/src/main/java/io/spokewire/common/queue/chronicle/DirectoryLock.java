package io.spokewire.common.queue.chronicle;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a second process, or a second part of this one, out of a directory. */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  static DirectoryLock take(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // held by this very process: the same answer
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw Fault.of(FaultKind.USAGE, "opening the queue", "it is in use by another process")
          .at(directory)
          .hint("only one agent may run on a data directory")
          .build();
    }
    return new DirectoryLock(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
