package io.spokewire.common.queue.chronicle;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.queue.DurableQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.CRC32C;
import net.openhft.chronicle.core.io.IORuntimeException;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/**
 * The {@link DurableQueue} on Chronicle Queue, one directory each. An entry is in the page cache
 * when {@link #append} returns, so it survives the death of the process, and on disk when {@link
 * #sync} returns.
 *
 * <p>Files are rolled by size, not by time: Chronicle is told a time that we count. A file that is
 * rolled is forced to disk before the next one is begun, so only the last file can lose anything.
 * Trimming deletes whole files.
 *
 * <p>The indexes are Chronicle's: the cycle in the upper 32 bits, the document's number in it
 * below.
 *
 * <p>Threading: as the port says; opening and closing may be by other threads than appending, as
 * long as they do not overlap.
 */
public final class ChronicleDurableQueue implements DurableQueue {
  /** A file of about this size is rolled. */
  public static final long DEFAULT_ROLL_BYTES = 64L << 20;

  /** Our header, Chronicle's own word, and padding. */
  private static final long DOCUMENT_OVERHEAD = EntryFrame.HEADER + 8L;

  private static final RollCycle ROLL = ChronicleFiles.ROLL_CYCLE;

  private final Path directory;
  private final Path cleanMark;
  private final long rollBytes;
  private final DirectoryLock lock;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final CRC32C crc = new CRC32C();

  /** Bytes of entries by cycle. The appending thread adds, the trimming one removes. */
  private final NavigableMap<Integer, Long> cycles = new ConcurrentSkipListMap<>();

  private volatile int cycle; // the one that is written to
  private volatile long lastIndex;
  private volatile boolean damaged; // the next start must look closely

  // Appending thread only.
  private @Nullable SpaceAhead space; // of the current file; null before its first document
  private boolean newName; // a file was made since names were last forced to disk

  private boolean closed;

  private ChronicleDurableQueue(
      Path directory, long rollBytes, DirectoryLock lock, TailRepair.Found found) {
    this.directory = directory;
    this.cleanMark = cleanMark(directory);
    this.rollBytes = rollBytes;
    this.lock = lock;
    found.cycles().forEach((c, scan) -> cycles.put(c, scan.bytes()));
    this.lastIndex = found.lastIndex();
    this.cycle = found.next();
    this.queue = ChronicleFiles.open(directory, () -> cycle);
    this.appender = queue.createAppender();
    appender.singleThreadedCheckDisabled(true); // the port promises one thread at a time
  }

  /**
   * Opens the queue in a directory, which is made if it is missing; discards a torn or bad tail.
   *
   * @throws Fault if the directory is in use or can't be read
   */
  public static ChronicleDurableQueue open(Path directory) {
    return open(directory, DEFAULT_ROLL_BYTES);
  }

  /**
   * @param rollBytes the size at which a file is rolled, and so about how much trimming leaves
   *     behind
   */
  public static ChronicleDurableQueue open(Path directory, long rollBytes) {
    DirectoryLock lock = null;
    ChronicleDurableQueue opened = null;
    try {
      Files.createDirectories(directory);
      lock = DirectoryLock.take(directory);
      boolean closedInOrder = Files.exists(cleanMark(directory));
      TailRepair.Found found = new TailRepair(directory).run(closedInOrder);
      Files.deleteIfExists(cleanMark(directory));
      DiskFiles.forceDirectory(directory);
      opened = new ChronicleDurableQueue(directory, rollBytes, lock, found);
      return opened;
    } catch (IOException | IORuntimeException e) {
      throw fault(directory, "opening the queue", e);
    } finally {
      if (opened == null && lock != null) {
        try {
          lock.close();
        } catch (IOException e) {
          // the reason why it did not open is on its way already
        }
      }
    }
  }

  @Override
  public long append(Bytes entry) {
    int length = entry.length();
    long documents = Math.max(1, (length + EntryFrame.LARGEST_PART - 1L) / EntryFrame.LARGEST_PART);
    try {
      rollIfFull();
      takeSpace(
          length + documents * DOCUMENT_OVERHEAD); // all of it, or a retry leaves parts each time
      long index = NO_INDEX;
      for (long i = 0; i < documents; i++) {
        int from = (int) (i * EntryFrame.LARGEST_PART);
        int flags = (i == 0 ? EntryFrame.FIRST : 0) | (i == documents - 1 ? EntryFrame.LAST : 0);
        long at = write(flags, entry, from, Math.min(length - from, EntryFrame.LARGEST_PART));
        index = i == 0 ? at : index;
      }
      cycles.merge(cycle, length + documents * EntryFrame.HEADER, Long::sum);
      lastIndex = index;
      return index;
    } catch (IOException | IORuntimeException e) {
      throw fault(directory, "appending to the queue", e);
    }
  }

  @Override
  public void sync() {
    try {
      if (lastIndex != NO_INDEX) {
        appender.sync();
        forceCurrent();
      }
    } catch (IOException | IORuntimeException e) {
      throw fault(directory, "syncing the queue", e);
    }
  }

  @Override
  public long lastIndex() {
    return lastIndex;
  }

  @Override
  public Reader readFrom(long index) {
    ExcerptTailer tailer = queue.createTailer();
    tailer.singleThreadedCheckDisabled(true);
    Integer first = index <= 0 ? null : cycles.ceilingKey(ROLL.toCycle(index));
    if (first == null || !tailer.moveToIndex(ROLL.toIndex(first, 0))) {
      tailer.toStart();
    }
    return new ChronicleReader(directory, tailer, index, () -> damaged = true);
  }

  @Override
  public void trimBefore(long index) {
    long last = lastIndex;
    if (last == NO_INDEX) {
      return;
    }
    int keep = ROLL.toCycle(Math.min(Math.max(index, 0), last));
    try {
      boolean deleted = false;
      for (int old : cycles.headMap(keep, false).keySet()) {
        Files.deleteIfExists(path(old));
        cycles.remove(old);
        deleted = true;
      }
      if (deleted) {
        queue.refreshDirectoryListing();
      }
    } catch (IOException | IORuntimeException e) {
      throw fault(directory, "trimming the queue", e);
    }
  }

  @Override
  public long sizeInBytes() {
    long sum = 0;
    for (long bytes : cycles.values()) {
      sum += bytes;
    }
    return sum;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (lock) {
      sync();
      appender.close();
      queue.close();
      if (space != null) {
        space.close();
      }
      if (!damaged) {
        Files.createFile(cleanMark);
      }
      DiskFiles.forceDirectory(directory);
    } catch (IOException | IORuntimeException e) {
      throw fault(directory, "closing the queue", e);
    }
  }

  private void rollIfFull() throws IOException {
    Long bytes = cycles.get(cycle);
    if (bytes != null && bytes >= rollBytes) {
      appender.sync();
      forceCurrent();
      if (space != null) {
        space.close();
        space = null;
      }
      cycle = cycle + 1; // this thread is the only one to write it
    }
  }

  private void takeSpace(long bytes) throws IOException {
    if (space != null) {
      space.ensure(appender.wire().bytes().writePosition(), bytes);
      return;
    }
    SpaceAhead.lookFor(directory, bytes);
    newName = newName || !cycles.containsKey(cycle);
  }

  /** Writes one document; returns its index. */
  private long write(int flags, Bytes entry, int from, int length) throws IOException {
    byte[] array = entry.backingArray();
    int offset = entry.backingOffset() + from;
    takeSpace(length + DOCUMENT_OVERHEAD);
    int sum = EntryFrame.crc(crc, flags, array, offset, length);
    try (DocumentContext document = appender.writingDocument()) {
      try {
        document.wire().bytes().writeInt(sum).writeByte((byte) flags).write(array, offset, length);
      } catch (RuntimeException | Error e) {
        document.rollbackOnClose(); // closing would commit what is there
        throw e;
      }
    }
    if (space == null) {
      space = new SpaceAhead(path(cycle), appender.wire().bytes().writePosition());
    }
    return appender.lastIndexAppended();
  }

  private void forceCurrent() throws IOException {
    Path current = path(cycle);
    if (Files.exists(current)) {
      DiskFiles.force(current);
    }
    if (newName) {
      DiskFiles.forceDirectory(directory);
      newName = false;
    }
  }

  private Path path(int ofCycle) {
    return directory.resolve(CycleFile.name(ofCycle));
  }

  private static Path cleanMark(Path directory) {
    return directory.resolve("clean");
  }

  private static Fault fault(Path directory, String operation, Exception cause) {
    String reason = String.valueOf(cause.getMessage());
    Fault.Builder fault = Fault.of(FaultKind.INTERNAL, operation, reason).at(directory);
    if (reason.contains("No space left")) {
      fault.hint("free some disk space; nothing is lost").healsByItself();
    }
    return fault.causedBy(cause);
  }
}
