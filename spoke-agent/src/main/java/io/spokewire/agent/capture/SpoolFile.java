package io.spokewire.agent.capture;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One transaction's blocks on disk; gone when closed. One thread at a time. */
final class SpoolFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private long end;

  SpoolFile(Path path) {
    this.path = path;
    try {
      this.channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw SpoolDirectory.fault("create a spool file", path, e);
    }
  }

  /** Where the bytes were put. */
  long append(Bytes bytes) {
    long offset = end;
    ByteBuffer buffer =
        ByteBuffer.wrap(bytes.backingArray(), bytes.backingOffset(), bytes.length());
    try {
      while (buffer.hasRemaining()) {
        end += channel.write(buffer, end);
      }
    } catch (IOException e) {
      throw SpoolDirectory.fault("spool a large transaction", path, e);
    }
    return offset;
  }

  Bytes read(long offset, int length) {
    byte[] array = new byte[length];
    ByteBuffer buffer = ByteBuffer.wrap(array);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, offset + buffer.position()) < 0) {
          throw new EOFException("spool file is too short");
        }
      }
    } catch (IOException e) {
      throw SpoolDirectory.fault("read a spooled transaction", path, e);
    }
    return Bytes.wrap(array);
  }

  void truncate(long newEnd) {
    end = newEnd;
  }

  /**
   * @throws Fault if the file can't be deleted
   */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw SpoolDirectory.fault("delete a spool file", path, e);
    }
  }
}
