package io.spokewire.hub.log;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import java.util.zip.CRC32C;

/**
 * The envelope of every record in the store: a version byte, the content, and a CRC32C (four bytes,
 * big-endian) of both. A record that does not fit its CRC, or is of a version that is not known, is
 * never read. Stateless.
 */
final class Sealed {
  private static final int VERSION = 1;
  private static final int CRC_BYTES = 4;

  private Sealed() {}

  /** Empties the sink and begins a record in it. */
  static ByteSink begin(ByteSink sink) {
    sink.clear();
    return sink.putByte(VERSION);
  }

  /** Ends the record that was begun and returns a copy of it. */
  static byte[] end(ByteSink sink) {
    sink.putInt32(crc(sink.backingArray(), 0, sink.size()));
    byte[] record = new byte[sink.size()];
    System.arraycopy(sink.backingArray(), 0, record, 0, record.length);
    return record;
  }

  /**
   * The content of a record.
   *
   * @throws MalformedBytesException if it is not what was written
   */
  static ByteSource open(byte[] record) {
    int content = record.length - CRC_BYTES;
    if (content < 1) {
      throw new MalformedBytesException("record of " + record.length + " bytes");
    }
    int crc = new ByteSource(Bytes.wrap(record, content, CRC_BYTES)).readInt32();
    if (crc != crc(record, 0, content)) {
      throw new MalformedBytesException("record does not fit its CRC");
    }
    ByteSource source = new ByteSource(Bytes.wrap(record, 0, content));
    int version = source.readByte();
    if (version != VERSION) {
      throw new MalformedBytesException("record of version " + version + ", known is " + VERSION);
    }
    return source;
  }

  private static int crc(byte[] array, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(array, offset, length);
    return (int) crc.getValue();
  }
}
