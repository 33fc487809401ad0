package io.spokewire.common.queue.chronicle;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.queue.DurableQueue;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a queue's directory sound before Chronicle opens it.
 *
 * <p>All files are read as bytes, and the queue ends before the first document that is not as it
 * was written: a CRC that does not fit, an entry without its last part, bytes after the end. Files
 * after that are deleted, newest first, and the damaged one is replaced by a new one that Chronicle
 * itself writes from the good documents, put in place by one rename. So documents keep their
 * indexes, and a crash within the repair leads to the same repair again.
 *
 * <p>Chronicle's own structures (index, positions in the header) carry no CRC. Files before the
 * last were forced to disk before the next one was begun. The last file is written anew whenever
 * the queue was not closed in order, so nothing of Chronicle's is trusted that may be half on disk;
 * then Chronicle must read as many documents as were found. If it does not, all files are written
 * anew.
 *
 * <p>Cost: one pass over all files; after a crash a second one, and a copy of the last file.
 */
final class TailRepair {
  private static final Logger LOG = LoggerFactory.getLogger(TailRepair.class);

  private final Path directory;
  private final Path rebuilding;

  TailRepair(Path directory) {
    this.directory = directory;
    this.rebuilding = directory.resolve("rebuilding");
  }

  /**
   * What the directory holds now.
   *
   * @param cycles the files by cycle, each sound
   * @param highest the highest cycle that was ever met, also of files that are gone; 0 for none
   */
  record Found(SortedMap<Integer, CycleFile.Scan> cycles, int highest) {
    /** Whether this file is the one to go on in; all others end with Chronicle's mark. */
    boolean isOpen(int cycle) {
      return cycle == highest;
    }

    /** The cycle to write to: that of the last file, or, if it was discarded, a new one. */
    int next() {
      return cycles.containsKey(highest) ? highest : highest + 1;
    }

    long documents() {
      return cycles.values().stream().mapToLong(CycleFile.Scan::documents).sum();
    }

    /** The index of the last entry; NO_INDEX if there is none. */
    long lastIndex() {
      long index = DurableQueue.NO_INDEX;
      for (Map.Entry<Integer, CycleFile.Scan> file : cycles.entrySet()) {
        index = ChronicleFiles.ROLL_CYCLE.toIndex(file.getKey(), file.getValue().lastEntry());
      }
      return index;
    }
  }

  /**
   * @param closedInOrder whether the last process to use the queue closed it
   */
  Found run(boolean closedInOrder) throws IOException {
    deleteRebuilding();
    Files.deleteIfExists(directory.resolve("metadata.cq4t"));
    List<Integer> present = CycleFile.cyclesIn(directory);
    SortedMap<Integer, CycleFile.Scan> sound = new TreeMap<>();
    Map.Entry<Integer, CycleFile.Scan> last = null;
    int damagedAt = Integer.MAX_VALUE;
    for (int cycle : present) {
      CycleFile.Scan scan = CycleFile.scan(path(cycle));
      if (scan.documents() > 0) {
        sound.put(cycle, scan);
        last = Map.entry(cycle, scan);
      }
      if (scan.damage() != null) {
        LOG.warn(
            "{}: {}; {} documents of {} kept, later ones discarded",
            directory,
            scan.damage(),
            scan.documents(),
            CycleFile.name(cycle));
        damagedAt = cycle;
        break;
      }
    }
    for (int cycle : present.reversed()) {
      if (cycle > damagedAt || !sound.containsKey(cycle)) {
        Files.delete(path(cycle));
      }
    }
    Found found = new Found(sound, present.isEmpty() ? 0 : present.getLast());
    boolean suspect = damagedAt != Integer.MAX_VALUE || !closedInOrder;
    for (Map.Entry<Integer, CycleFile.Scan> file : sound.entrySet()) {
      boolean isLast = last != null && last.getKey().equals(file.getKey());
      if ((isLast && suspect) || file.getValue().ended() == found.isOpen(file.getKey())) {
        rebuild(file.getKey(), file.getValue(), found);
      }
    }
    if (!chronicleReads(found, suspect)) {
      LOG.warn("{}: Chronicle's own records in it are damaged; writing all files anew", directory);
      Files.deleteIfExists(directory.resolve("metadata.cq4t"));
      for (Map.Entry<Integer, CycleFile.Scan> file : sound.entrySet()) {
        rebuild(file.getKey(), file.getValue(), found);
      }
    }
    DiskFiles.forceDirectory(directory);
    return found;
  }

  /**
   * Whether Chronicle finds each file's beginning and, if {@code thorough}, as many documents as
   * there are.
   */
  private boolean chronicleReads(Found found, boolean thorough) {
    if (found.cycles().isEmpty()) {
      return true;
    }
    int last = found.cycles().lastKey();
    try (SingleChronicleQueue queue = ChronicleFiles.open(directory, () -> last);
        ExcerptTailer tailer = queue.createTailer()) {
      for (int cycle : found.cycles().keySet()) {
        if (!tailer.moveToIndex(ChronicleFiles.ROLL_CYCLE.toIndex(cycle, 0))) {
          return false;
        }
      }
      return !thorough || count(tailer.toStart()) == found.documents();
    } catch (RuntimeException | AssertionError e) {
      LOG.debug("{}: Chronicle can't read it", directory, e);
      return false;
    }
  }

  private static long count(ExcerptTailer tailer) {
    long documents = 0;
    while (true) {
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          return documents;
        }
        documents++;
      }
    }
  }

  /** Writes a file anew from its good documents, with the mark of its end where one is due. */
  private void rebuild(int cycle, CycleFile.Scan scan, Found found) throws IOException {
    Files.createDirectories(rebuilding);
    AtomicInteger now = new AtomicInteger(cycle);
    try (SingleChronicleQueue fresh = ChronicleFiles.open(rebuilding, now::get);
        ExcerptAppender appender = fresh.createAppender()) {
      CRC32C crc = new CRC32C();
      CycleFile.copy(
          path(cycle), scan.documents(), (flags, part) -> write(appender, crc, flags, part));
      if (!found.isOpen(cycle)) {
        now.incrementAndGet();
        write(appender, crc, 0, Bytes.EMPTY); // makes Chronicle end the file before
      }
    }
    Path written = rebuilding.resolve(CycleFile.name(cycle));
    DiskFiles.force(written);
    CycleFile.Scan again = CycleFile.scan(written);
    if (again.damage() != null
        || again.documents() != scan.documents()
        || again.ended() == found.isOpen(cycle)) {
      throw Fault.of(
              FaultKind.INTERNAL,
              "repairing the queue",
              "wrote " + again + " and should have written " + scan)
          .at(directory)
          .build();
    }
    Files.move(
        written, path(cycle), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    deleteRebuilding();
  }

  private static void write(ExcerptAppender appender, CRC32C crc, int flags, Bytes part) {
    byte[] array = part.backingArray();
    int offset = part.backingOffset();
    try (DocumentContext document = appender.writingDocument()) {
      document
          .wire()
          .bytes()
          .writeInt(EntryFrame.crc(crc, flags, array, offset, part.length()))
          .writeByte((byte) flags)
          .write(array, offset, part.length());
    }
  }

  private void deleteRebuilding() throws IOException {
    if (Files.isDirectory(rebuilding)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(rebuilding)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(rebuilding);
    }
  }

  private Path path(int cycle) {
    return directory.resolve(CycleFile.name(cycle));
  }
}
