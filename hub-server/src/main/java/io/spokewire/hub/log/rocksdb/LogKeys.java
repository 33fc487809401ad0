package io.spokewire.hub.log.rocksdb;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import java.nio.charset.StandardCharsets;

/**
 * The keys of the store's column families. Numbers are big-endian, so that bytes sort as numbers
 * do. Stateless; callers own the arrays.
 */
final class LogKeys {
  /** The part number of a whole entry: after all its parts. */
  static final int WHOLE = Integer.MAX_VALUE;

  static final byte[] HEAD = ascii("head");
  static final byte[] TRIMMED = ascii("trimmed");
  static final byte[] LOG = ascii("log");
  static final byte[] WRITERS = ascii("writer/");
  static final byte[] APPLIED = ascii("applied/");

  private LogKeys() {}

  /** Eight bytes of position, four of part. */
  static byte[] entry(long number, int part) {
    byte[] key = new byte[12];
    putLong(key, 0, number);
    putInt(key, 8, part);
    return key;
  }

  static byte[] entry(LogEntry entry) {
    int part = entry instanceof LogEntry.OutcomePart p ? p.index() : WHOLE;
    return entry(entry.position().number(), part);
  }

  static long number(byte[] entryKey) {
    long number = 0;
    for (int i = 0; i < 8; i++) {
      number = number << 8 | (entryKey[i] & 0xFF);
    }
    return number;
  }

  static byte[] writer(Writer writer) {
    ByteSink sink = new ByteSink(64);
    sink.put(WRITERS).putText(writer.spoke().name()).putInt32(writer.epoch().number());
    return sink.toBytes().toByteArray();
  }

  static byte[] applied(SpokeId spoke) {
    ByteSink sink = new ByteSink(64);
    sink.put(APPLIED).put(ascii(spoke.name()));
    return sink.toBytes().toByteArray();
  }

  static SpokeId appliedSpoke(byte[] key) {
    return new SpokeId(
        new String(key, APPLIED.length, key.length - APPLIED.length, StandardCharsets.US_ASCII));
  }

  static byte[] schema(long id) {
    byte[] key = new byte[8];
    putLong(key, 0, id);
    return key;
  }

  static byte[] chunk(Writer writer, Sequence sequence, int index) {
    ByteSink sink = new ByteSink(64);
    putChunkPrefix(sink, writer.spoke(), writer.epoch());
    sink.putInt64(sequence.number()).putInt32(index);
    return sink.toBytes().toByteArray();
  }

  private static void putChunkPrefix(ByteSink sink, SpokeId spoke, Epoch epoch) {
    sink.putText(spoke.name()).putInt32(epoch.number());
  }

  static boolean startsWith(byte[] key, byte[] prefix) {
    if (key.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (key[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void putLong(byte[] target, int at, long value) {
    for (int i = 0; i < 8; i++) {
      target[at + i] = (byte) (value >>> (56 - 8 * i));
    }
  }

  private static void putInt(byte[] target, int at, int value) {
    for (int i = 0; i < 4; i++) {
      target[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }
}
