package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.postgres.PgOutputMessage.Attribute;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads pgoutput messages, protocol 2. Remembers only whether it is inside a stream block, where
 * messages carry a transaction number more. Row images stay encoded. Not thread-safe.
 *
 * <p>Errors: {@link MalformedBytesException} for whatever is not a message of that protocol.
 */
final class PgOutputDecoder {
  /** Between 1970 and 2000, where PostgreSQL's clock begins. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private byte[] array = {};
  private int at;
  private int end;
  private boolean inStream;

  /** The message in {@code length} bytes; images and contents share the array. */
  PgOutputMessage decode(byte[] message, int offset, int length) {
    array = message;
    at = offset;
    end = offset + length;
    int type = readByte();
    PgOutputMessage decoded =
        switch (type) {
          case 'I' -> insert();
          case 'U' -> update();
          case 'D' -> delete();
          case 'B' -> new PgOutputMessage.Begin(readInt64(), readTime(), readInt32());
          case 'C' -> commit();
          case 'R' -> relation();
          case 'Y' -> new PgOutputMessage.Type(readXid(), readInt32(), readString(), readString());
          case 'T' -> truncate();
          case 'M' -> logicalMessage();
          case 'O' -> new PgOutputMessage.Origin(readInt64(), readString());
          case 'S' -> streamStart();
          case 'E' -> streamStop();
          case 'c' -> streamCommit();
          case 'A' -> new PgOutputMessage.StreamAbort(readInt32(), readInt32());
          default ->
              throw new MalformedBytesException("unknown pgoutput message '" + (char) type + "'");
        };
    if (at != end) {
      throw new MalformedBytesException(
          (end - at) + " bytes left over in pgoutput message '" + (char) type + "'");
    }
    return decoded;
  }

  private PgOutputMessage insert() {
    int xid = readXid();
    int relation = readInt32();
    expect('N');
    return new PgOutputMessage.Insert(xid, relation, readTuple());
  }

  private PgOutputMessage update() {
    int xid = readXid();
    int relation = readInt32();
    int image = readByte();
    TupleData old = null;
    boolean whole = image == 'O';
    if (whole || image == 'K') {
      old = readTuple();
      image = readByte();
    }
    if (image != 'N') {
      throw new MalformedBytesException("update without a new row");
    }
    return new PgOutputMessage.Update(xid, relation, old, whole, readTuple());
  }

  private PgOutputMessage delete() {
    int xid = readXid();
    int relation = readInt32();
    int image = readByte();
    if (image != 'O' && image != 'K') {
      throw new MalformedBytesException("delete without an old row");
    }
    return new PgOutputMessage.Delete(xid, relation, readTuple(), image == 'O');
  }

  private PgOutputMessage commit() {
    readByte(); // flags, unused
    return new PgOutputMessage.Commit(readInt64(), readInt64(), readTime());
  }

  private PgOutputMessage relation() {
    int xid = readXid();
    int id = readInt32();
    String schemaName = readString();
    String tableName = readString();
    char identity = (char) readByte();
    int count = readInt16();
    List<Attribute> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      columns.add(new Attribute((readByte() & 1) != 0, readString(), readInt32(), readInt32()));
    }
    // The catalogue's own schema is sent as no name.
    return new PgOutputMessage.Relation(
        xid, id, schemaName.isEmpty() ? "pg_catalog" : schemaName, tableName, identity, columns);
  }

  private PgOutputMessage truncate() {
    int xid = readXid();
    int count = readInt32();
    readByte(); // cascade and restart identity: the tables it reached are all listed
    List<Integer> relations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      relations.add(readInt32());
    }
    return new PgOutputMessage.Truncate(xid, relations);
  }

  private PgOutputMessage logicalMessage() {
    int xid = readXid();
    boolean transactional = (readByte() & 1) != 0;
    long lsn = readInt64();
    String prefix = readString();
    int length = readInt32();
    need(length);
    Bytes content = Bytes.wrap(array, at, length);
    at += length;
    return new PgOutputMessage.LogicalMessage(xid, transactional, lsn, prefix, content);
  }

  private PgOutputMessage streamStart() {
    if (inStream) {
      throw new MalformedBytesException("stream block inside a stream block");
    }
    inStream = true;
    return new PgOutputMessage.StreamStart(readInt32(), readByte() == 1);
  }

  private PgOutputMessage streamStop() {
    inStream = false;
    return new PgOutputMessage.StreamStop();
  }

  private PgOutputMessage streamCommit() {
    int xid = readInt32();
    readByte(); // flags, unused
    return new PgOutputMessage.StreamCommit(xid, readInt64(), readInt64(), readTime());
  }

  private TupleData readTuple() {
    int columns = readInt16();
    int start = at;
    for (int i = 0; i < columns; i++) {
      int kind = readByte();
      if (kind == TupleData.TEXT) {
        int length = readInt32();
        need(length);
        at += length;
      } else if (kind != TupleData.NULL && kind != TupleData.UNCHANGED) {
        throw new MalformedBytesException("unknown column kind '" + (char) kind + "'");
      }
    }
    return new TupleData(array, start, columns);
  }

  private int readXid() {
    return inStream ? readInt32() : 0;
  }

  private long readTime() {
    return readInt64() + EPOCH_MICROS;
  }

  private String readString() {
    int start = at;
    while (at < end && array[at] != 0) {
      at++;
    }
    String text = new String(array, start, at - start, StandardCharsets.UTF_8);
    need(1);
    at++;
    return text;
  }

  private void expect(int wanted) {
    int found = readByte();
    if (found != wanted) {
      throw new MalformedBytesException(
          "'" + (char) found + "' where '" + (char) wanted + "' belongs");
    }
  }

  private int readByte() {
    need(1);
    return array[at++] & 0xFF;
  }

  private int readInt16() {
    return readByte() << 8 | readByte();
  }

  private int readInt32() {
    need(4);
    byte[] a = array;
    int i = at;
    at = i + 4;
    return a[i] << 24 | (a[i + 1] & 0xFF) << 16 | (a[i + 2] & 0xFF) << 8 | (a[i + 3] & 0xFF);
  }

  private long readInt64() {
    return (long) readInt32() << 32 | (readInt32() & 0xFFFF_FFFFL);
  }

  private void need(int length) {
    if (length < 0 || length > end - at) {
      throw new MalformedBytesException(
          "pgoutput message ends " + (end - at) + " bytes early, " + length + " wanted");
    }
  }
}
