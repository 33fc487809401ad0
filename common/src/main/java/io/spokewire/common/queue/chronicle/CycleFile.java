package io.spokewire.common.queue.chronicle;

import io.spokewire.common.bytes.Bytes;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One of Chronicle's files, read as bytes and without Chronicle, which would believe the lengths it
 * finds and map what is not there. Knows of the format only how documents follow each other: a
 * little-endian word with the length in its lower 30 bits, bit 30 for Chronicle's own documents,
 * bit 31 for one that is being written, both for the end of a file that was rolled; zero where
 * nothing is yet; each document begins at a multiple of four.
 */
final class CycleFile {
  private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuuMMdd'F.cq4'");
  private static final int INCOMPLETE = 1 << 31;
  private static final int OWN = 1 << 30;
  private static final int LENGTH = OWN - 1;
  private static final int END_OF_CYCLE = INCOMPLETE | OWN;

  /** What Chronicle writes after the word that ends a file: {@code EOF} as a short text. */
  private static final int END_TEXT = 0x464F45C3;

  private CycleFile() {}

  /** What Chronicle calls the file of a cycle (roll cycle FAST_DAILY). */
  static String name(int cycle) {
    return NAME.format(LocalDate.ofEpochDay(cycle));
  }

  /** The cycle of a file; empty if it is no such file. */
  static OptionalInt cycle(Path file) {
    try {
      return OptionalInt.of(
          (int) LocalDate.parse(file.getFileName().toString(), NAME).toEpochDay());
    } catch (DateTimeException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * What was found in a file.
   *
   * @param documents how many of our documents from the beginning are good and belong to whole
   *     entries, or to unfinished ones that a later entry follows
   * @param lastEntry number, from 0, of the document in which the last whole entry begins; -1 if
   *     there is none
   * @param bytes of those documents
   * @param ended whether Chronicle wrote its mark that a later file follows
   * @param damage why no more of them count; null if the file is as it was written
   */
  record Scan(long documents, long lastEntry, long bytes, boolean ended, @Nullable String damage) {}

  /** Takes one good document, in order. */
  interface DocumentSink {
    void document(int flags, Bytes part);
  }

  static Scan scan(Path file) throws IOException {
    return new Walk(null, Long.MAX_VALUE).through(file);
  }

  /** Hands the first {@code documents} documents of a file to {@code sink}. */
  static void copy(Path file, long documents, DocumentSink sink) throws IOException {
    new Walk(sink, documents).through(file);
  }

  /** The cycle files of a directory, ascending. */
  static List<Integer> cyclesIn(Path directory) throws IOException {
    List<Integer> cycles = new ArrayList<>();
    try (var files = Files.newDirectoryStream(directory, "*.cq4")) {
      files.forEach(f -> cycle(f).ifPresent(cycles::add));
    }
    cycles.sort(null);
    return cycles;
  }

  /** One pass over one file. */
  private static final class Walk {
    private final @Nullable DocumentSink sink;
    private final long limit;
    private final CRC32C crc = new CRC32C();
    private long documents;
    private long entryStart = -1; // document in which the entry being read began
    private long lastEntry = -1;
    private long whole; // documents up to the end of the last whole entry
    private long bytes;
    private long bytesWhole;
    private boolean ended;

    Walk(@Nullable DocumentSink sink, long limit) {
      this.sink = sink;
      this.limit = limit;
    }

    Scan through(Path file) throws IOException {
      long size = Files.size(file);
      String damage;
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
        damage = walk(in, size);
      } catch (EOFException e) {
        damage = "the file ends within a document";
      }
      if (damage == null && documents > whole) {
        damage = "the last entry is not finished";
      }
      return new Scan(whole, lastEntry, bytesWhole, ended, damage);
    }

    private @Nullable String walk(InputStream in, long size) throws IOException {
      long position = 0;
      while (position + 4 <= size && documents < limit) {
        int word = readInt(in);
        position += 4;
        if (word == 0 || word == END_OF_CYCLE) {
          ended = word == END_OF_CYCLE;
          return isEnd(word, in, size - position) ? null : "there is something after its end";
        }
        int length = word & LENGTH;
        if ((word & INCOMPLETE) != 0) {
          return "a document was being written";
        }
        if (length > size - position) {
          return "a document is longer than the file";
        }
        if ((word & OWN) != 0) {
          in.skipNBytes(length);
        } else {
          String fault = readDocument(in, length);
          if (fault != null) {
            return fault;
          }
        }
        int padding = -length & 3;
        in.skipNBytes(Math.min(padding, size - position - length));
        position += length + padding;
      }
      return null;
    }

    private @Nullable String readDocument(InputStream in, int length) throws IOException {
      if (length < EntryFrame.HEADER || length > EntryFrame.HEADER + EntryFrame.LARGEST_PART) {
        return "a document has an impossible length";
      }
      int stored = readInt(in);
      int flags = in.read();
      byte[] part = in.readNBytes(length - EntryFrame.HEADER);
      if (part.length != length - EntryFrame.HEADER) {
        throw new EOFException();
      }
      if (stored != EntryFrame.crc(crc, flags, part, 0, part.length)) {
        return "a CRC does not fit";
      }
      if ((flags & EntryFrame.FIRST) != 0) {
        entryStart = documents;
      } else if (entryStart < 0) {
        return "an entry without its beginning";
      }
      documents++;
      bytes += length;
      if ((flags & EntryFrame.LAST) != 0) {
        lastEntry = entryStart;
        entryStart = -1;
        whole = documents;
        bytesWhole = bytes;
      }
      if (sink != null) {
        sink.document(flags, Bytes.wrap(part));
      }
      return null;
    }

    private static boolean isEnd(int word, InputStream in, long left) throws IOException {
      if (word == END_OF_CYCLE && left >= 4) {
        int text = readInt(in);
        if (text != END_TEXT && text != 0) {
          return false;
        }
      }
      return isZeroToTheEnd(in);
    }

    private static int readInt(InputStream in) throws IOException {
      int value = 0;
      for (int shift = 0; shift < 32; shift += 8) {
        int b = in.read();
        if (b < 0) {
          throw new EOFException();
        }
        value |= b << shift;
      }
      return value;
    }

    private static boolean isZeroToTheEnd(InputStream in) throws IOException {
      byte[] block = new byte[1 << 16];
      for (int n = in.read(block); n > 0; n = in.read(block)) {
        for (int i = 0; i < n; i++) {
          if (block[i] != 0) {
            return false;
          }
        }
      }
      return true;
    }
  }
}
