package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.id.SchemaId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Row changes one after the other, encoded: what a transaction's rows are from capture to apply.
 *
 * <p>Layout of a row: total length of the rest (varint), kind (one byte), schema id (eight bytes),
 * then byte runs with a varint length each. INSERT: key, after. UPDATE: key, before, after.
 * KEY_CHANGE: old key, new key, before, after. DELETE: key, before. TRUNCATE: the keys of the rows
 * that stay. A row is self-contained, so it can be copied from one block to another without being
 * understood.
 *
 * @param bytes the rows
 * @param rows how many there are
 */
public record RowBlock(Bytes bytes, int rows) implements Iterable<RowChange> {
  public static final RowBlock EMPTY = new RowBlock(Bytes.EMPTY, 0);

  static final int INSERT = 1;
  static final int UPDATE = 2;
  static final int KEY_CHANGE = 3;
  static final int DELETE = 4;
  static final int TRUNCATE = 5;

  /** Lengths, kind and shape of a row, at most. */
  private static final int HEAD = 40;

  /** A block of one row. */
  public static RowBlock of(RowChange change) {
    int room = HEAD + roomFor(change);
    return new RowBlockWriter(room, room).put(change).toBlock();
  }

  public boolean isEmpty() {
    return rows == 0;
  }

  /**
   * Walks the rows without reading inside: each has a known kind, and there are as many as said.
   *
   * @throws MalformedBytesException if not
   */
  public void verify() {
    ByteSource source = new ByteSource(bytes);
    int found = 0;
    while (source.hasRemaining()) {
      int length = source.readLength();
      int kind = source.readByte();
      if (kind < INSERT || kind > TRUNCATE) {
        throw new MalformedBytesException("unknown row change kind " + kind);
      }
      source.skip(length - 1);
      found++;
    }
    if (found != rows) {
      throw new MalformedBytesException(found + " rows in a block that says " + rows);
    }
  }

  /** Whether a row makes a key disappear (DELETE, KEY_CHANGE, TRUNCATE). Reads the kinds only. */
  public boolean removesKeys() {
    ByteSource source = new ByteSource(bytes);
    while (source.hasRemaining()) {
      int length = source.readLength();
      if (source.readByte() >= KEY_CHANGE) {
        return true;
      }
      source.skip(length - 1);
    }
    return false;
  }

  /** Walks the rows; each change shares this block's array. */
  @Override
  public Cursor iterator() {
    return new Cursor(bytes);
  }

  /** A position in a block. Not thread-safe. */
  public static final class Cursor implements Iterator<RowChange> {
    private final Bytes bytes;
    private final ByteSource source;
    private int start;

    private Cursor(Bytes bytes) {
      this.bytes = bytes;
      this.source = new ByteSource(bytes);
    }

    @Override
    public boolean hasNext() {
      return source.hasRemaining();
    }

    @Override
    public RowChange next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      start = here();
      Bytes row = source.readSized();
      ByteSource fields = new ByteSource(row);
      int kind = fields.readByte();
      SchemaId schema = new SchemaId(fields.readInt64());
      RowChange change =
          switch (kind) {
            case INSERT -> new RowChange.Insert(schema, key(fields), tuple(fields));
            case UPDATE -> new RowChange.Update(schema, key(fields), tuple(fields), tuple(fields));
            case KEY_CHANGE ->
                new RowChange.KeyChange(
                    schema, key(fields), key(fields), tuple(fields), tuple(fields));
            case DELETE -> new RowChange.Delete(schema, key(fields), tuple(fields));
            case TRUNCATE -> new RowChange.Truncate(schema, keys(fields));
            default -> throw new MalformedBytesException("unknown row change kind " + kind);
          };
      if (fields.hasRemaining()) {
        throw new MalformedBytesException(fields.remaining() + " bytes left over in a row");
      }
      return change;
    }

    /** The change last returned, encoded with its length: what a byte copy takes. */
    public Bytes encoded() {
      return bytes.slice(start, here() - start);
    }

    private int here() {
      return bytes.length() - source.remaining();
    }

    private static RowKey key(ByteSource fields) {
      return new RowKey(fields.readSized());
    }

    private static List<RowKey> keys(ByteSource fields) {
      List<RowKey> keys = new ArrayList<>();
      while (fields.hasRemaining()) {
        keys.add(key(fields));
      }
      return keys;
    }

    private static Tuple tuple(ByteSource fields) {
      Bytes bytes = fields.readSized();
      return bytes.isEmpty() ? Tuple.NONE : new Tuple(bytes);
    }
  }

  private static int roomFor(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> size(c.key()) + size(c.after());
      case RowChange.Update c -> size(c.key()) + size(c.before()) + size(c.after());
      case RowChange.KeyChange c ->
          size(c.oldKey()) + size(c.newKey()) + size(c.before()) + size(c.after());
      case RowChange.Delete c -> size(c.key()) + size(c.before());
      case RowChange.Truncate c -> c.survivors().size() * 16;
    };
  }

  private static int size(RowKey key) {
    return key.bytes().length();
  }

  private static int size(Tuple tuple) {
    return tuple.bytes().length();
  }
}
