package io.spokewire.common.queue.chronicle;

import java.util.zip.CRC32C;

/**
 * How an entry lies in Chronicle documents: CRC32C of the rest (four bytes, little-endian), flags
 * (one byte), then a part of the entry. An entry larger than {@link #LARGEST_PART} takes several
 * documents in a row, because Chronicle limits a document to a quarter of its block size. Parts
 * that are followed by a FIRST instead of their LAST belong to an entry that was never finished and
 * are passed over.
 */
final class EntryFrame {
  static final int HEADER = 5;
  static final int LARGEST_PART = 1 << 20;
  static final int FIRST = 1;
  static final int LAST = 2;

  private EntryFrame() {}

  static int crc(CRC32C crc, int flags, byte[] array, int offset, int length) {
    crc.reset();
    crc.update(flags);
    crc.update(array, offset, length);
    return (int) crc.getValue();
  }
}
