package io.spokewire.common.change;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.id.SchemaId;

/**
 * Walks the rows of a block and reads no more than what each is: for counting. Usage: while {@link
 * #next()}, look at {@link #operation()} and {@link #schema()}. Not thread-safe.
 */
public final class RowHeads {
  private static final int HEAD_BYTES = 9; // kind and schema id

  private final ByteSource source;
  private int kind;
  private SchemaId schema = new SchemaId(0);

  public RowHeads(RowBlock block) {
    this.source = new ByteSource(block.bytes());
  }

  /** What happened to a row, as people count it: a change of key is an update. */
  public enum Operation {
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE
  }

  /** Moves to the next row; false after the last. */
  public boolean next() {
    if (!source.hasRemaining()) {
      return false;
    }
    int length = source.readLength();
    kind = source.readByte();
    long id = source.readInt64();
    if (id != schema.value()) {
      schema = new SchemaId(id);
    }
    source.skip(length - HEAD_BYTES);
    return true;
  }

  public Operation operation() {
    return switch (kind) {
      case RowBlock.INSERT -> Operation.INSERT;
      case RowBlock.UPDATE, RowBlock.KEY_CHANGE -> Operation.UPDATE;
      case RowBlock.DELETE -> Operation.DELETE;
      case RowBlock.TRUNCATE -> Operation.TRUNCATE;
      default -> throw new MalformedBytesException("unknown row change kind " + kind);
    };
  }

  public SchemaId schema() {
    return schema;
  }
}
