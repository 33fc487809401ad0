package io.spokewire.agent.capture.mysql;

import com.github.luben.zstd.ZstdInputStream;
import io.spokewire.agent.capture.mysql.BinlogEvent.Reader;
import io.spokewire.common.fault.Fault;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Events inside events: MySQL's transaction payloads, MariaDB's compressed rows and statements. */
final class Compression {
  private static final int ZSTD = 0;
  private static final int NONE = 255;

  private Compression() {}

  /** What MariaDB has compressed, from here to the end of the body. */
  static Reader inflate(Reader body) {
    int head = body.u8();
    if ((head & 0xF0) != 0x80) {
      throw Fault.invariant("compressed event", "unknown compression " + head);
    }
    int size = 0;
    for (int i = head & 7; i > 0; i--) {
      size = size << 8 | body.u8();
    }
    Inflater inflater = new Inflater();
    try {
      byte[] whole = new byte[size];
      inflater.setInput(body.array, body.at, body.remaining());
      int at = 0;
      while (at < size) {
        int count = inflater.inflate(whole, at, size - at);
        if (count == 0) {
          throw Fault.invariant("compressed event", "it ends too early");
        }
        at += count;
      }
      return new Reader(whole, 0, size);
    } catch (DataFormatException e) {
      throw Fault.invariant("compressed event", String.valueOf(e.getMessage()));
    } finally {
      inflater.end();
    }
  }

  /** Gives the events of a transaction payload one after the other; none is kept. */
  static void unpack(BinlogEvent payload, Consumer<BinlogEvent> events) {
    Reader body = payload.reader();
    int compression = NONE;
    while (true) {
      int field = (int) body.packed();
      if (field == 0) {
        break;
      }
      int length = (int) body.packed();
      int next = body.at + length;
      if (field == 2) {
        compression = (int) body.packed();
      }
      body.at = next;
    }
    if (compression != ZSTD && compression != NONE) {
      throw Fault.invariant("transaction payload", "unknown compression " + compression);
    }
    InputStream raw = new ByteArrayInputStream(body.array, body.at, body.remaining());
    try (InputStream in = compression == ZSTD ? new ZstdInputStream(raw) : raw) {
      while (true) {
        byte[] header = in.readNBytes(BinlogEvent.HEADER);
        if (header.length == 0) {
          return;
        }
        Reader head = new Reader(header, 0, header.length);
        long seconds = head.u32();
        int type = head.u8();
        long server = head.u32();
        int length = (int) head.u32() - BinlogEvent.HEADER;
        byte[] content = in.readNBytes(length);
        if (content.length < length) {
          throw new EOFException("an event is cut off");
        }
        events.accept(new BinlogEvent(type, seconds, server, content, 0, length));
      }
    } catch (IOException e) {
      throw Fault.invariant("transaction payload", String.valueOf(e.getMessage()));
    }
  }
}
