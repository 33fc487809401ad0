package io.spokewire.common.queue.chronicle;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.queue.DurableQueue;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/** Reads whole entries off a Chronicle tailer. Owned and used by one thread. */
final class ChronicleReader implements DurableQueue.Reader {
  private final Path directory;
  private final ExcerptTailer tailer;
  private final long from;
  private final Runnable onDamage;
  private final CRC32C crc = new CRC32C();
  private final ByteSink parts = new ByteSink();
  private boolean inside; // parts of an entry were read and its last one was not
  private long entryIndex = DurableQueue.NO_INDEX; // where the entry being read begins
  private long index = DurableQueue.NO_INDEX;
  private Bytes entry = Bytes.EMPTY;

  /**
   * @param tailer stands at or before {@code from}; closed with this reader
   * @param from entries that begin before are passed over
   * @param onDamage told before a fault is thrown for what can't be read
   */
  ChronicleReader(Path directory, ExcerptTailer tailer, long from, Runnable onDamage) {
    this.directory = directory;
    this.tailer = tailer;
    this.from = from;
    this.onDamage = onDamage;
  }

  @Override
  public boolean next() {
    while (true) {
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          return false; // parts of an unfinished entry stay collected until the rest is there
        }
        if (document.index() >= from && take(document)) {
          return true;
        }
      } catch (Fault fault) {
        throw fault;
      } catch (RuntimeException e) {
        throw damaged("Chronicle can't read on after " + Long.toHexString(index), e);
      }
    }
  }

  @Override
  public long index() {
    return index;
  }

  @Override
  public Bytes entry() {
    return entry;
  }

  @Override
  public void close() {
    tailer.close();
  }

  /** Takes one document; true if it completes an entry. */
  private boolean take(DocumentContext document) {
    net.openhft.chronicle.bytes.Bytes<?> in = document.wire().bytes();
    long length = in.readRemaining();
    if (length < EntryFrame.HEADER || length > EntryFrame.HEADER + EntryFrame.LARGEST_PART) {
      throw damaged(
          "the entry at " + Long.toHexString(document.index()) + " has an impossible length", null);
    }
    int stored = in.readInt();
    int flags = in.readUnsignedByte();
    byte[] part = new byte[(int) length - EntryFrame.HEADER];
    in.read(part);
    if (stored != EntryFrame.crc(crc, flags, part, 0, part.length)) {
      throw damaged(
          "the CRC of the entry at " + Long.toHexString(document.index()) + " does not fit", null);
    }
    boolean first = (flags & EntryFrame.FIRST) != 0;
    boolean last = (flags & EntryFrame.LAST) != 0;
    if (first) {
      entryIndex = document.index();
      parts.clear();
      inside = true;
    }
    if (!inside) {
      return false; // reading began within an entry
    }
    if (!last) {
      parts.put(part);
      return false;
    }
    inside = false;
    index = entryIndex;
    if (first) {
      entry = Bytes.wrap(part);
    } else {
      entry = parts.put(part).toBytes();
      parts.clear();
    }
    return true;
  }

  private Fault damaged(String what, @Nullable RuntimeException cause) {
    onDamage.run();
    return Fault.of(FaultKind.INTERNAL, "reading the queue", what)
        .at(directory)
        .hint("restart: what can't be read is discarded and read from the source again")
        .causedBy(cause);
  }
}
