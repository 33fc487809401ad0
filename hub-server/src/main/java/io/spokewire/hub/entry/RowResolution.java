package io.spokewire.hub.entry;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.id.SchemaId;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of one row that met a sibling, or whose origin needs an answer. A change of key has
 * two with the same index, the old key's first, or none. A TRUNCATE has one that names the rows
 * that stay, and after it one for each row that needs more than that.
 *
 * @param row index of the row in its block
 * @param forOthers the row change (encoded with its length, see {@code RowBlock}) for every spoke
 *     but the origin; empty if nothing changes for them
 * @param forOrigin the same for the origin; empty if it needs nothing
 * @param exists whether the row exists after it
 * @param result the value after it of every field that the row change wrote, others ABSENT, in the
 *     column order of the row change's schema: what a window is rebuilt from, and what a spoke that
 *     went back in time is sent
 * @param held what the writer's site held in columns that it did not write and that are settled
 *     together with one that it did, others ABSENT; NONE where there is no such column. The window
 *     can't tell later, once it has forgotten who wrote them
 */
public record RowResolution(
    int row, Bytes forOthers, Bytes forOrigin, boolean exists, Tuple result, Tuple held) {

  /** Without columns that are settled together. */
  public RowResolution(int row, Bytes forOthers, Bytes forOrigin, boolean exists, Tuple result) {
    this(row, forOthers, forOrigin, exists, result, Tuple.NONE);
  }

  /**
   * A row change that the log keeps and nobody is sent, such as a TRUNCATE of a table without a
   * key.
   */
  public static RowResolution withheld(int row) {
    return new RowResolution(row, Bytes.EMPTY, Bytes.EMPTY, true, Tuple.NONE);
  }

  /**
   * A TRUNCATE.
   *
   * @param forOthers the same, but for the rows that stay
   */
  public static RowResolution truncated(int row, Bytes forOthers) {
    return new RowResolution(row, forOthers, Bytes.EMPTY, false, Tuple.NONE);
  }

  /** Whether the log keeps the row change and nobody is sent it. */
  public boolean isWithheld() {
    return exists && forOthers.isEmpty() && forOrigin.isEmpty() && result.equals(Tuple.NONE);
  }

  /**
   * What it is for the spoke that wrote the row in an earlier life: its database may hold the write
   * or may have lost it, so it is told what the row came to, in full and without adding anything.
   *
   * @param schema of the row change
   * @param key of the row that this is about
   * @param written the row change's image of the columns it wrote; NONE if that says nothing
   */
  public Bytes forEarlierLife(SchemaId schema, RowKey key, Tuple written) {
    if (isWithheld() || isWhole(forOrigin)) {
      return forOrigin;
    }
    if (isWhole(forOthers)) {
      return forOthers;
    }
    RowChange change =
        exists
            ? new RowChange.Update(schema, key, replaced(written), given())
            : new RowChange.Delete(schema, key, Tuple.NONE);
    return RowBlock.of(change).bytes();
  }

  /** The same for a row that a TRUNCATE of that spoke concerned. */
  public Bytes forEarlierTruncation() {
    return isWhole(forOrigin) ? forOrigin : forOthers;
  }

  /** The result with UNCHANGED where there is none. */
  private Tuple given() {
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    TupleReader reader = result.reader();
    while (reader.next()) {
      if (reader.tag() == FieldTag.ABSENT) {
        tuple.putUnchanged();
      } else {
        tuple.putEncoded(reader.encoded());
      }
    }
    return new Tuple(sink.toBytes());
  }

  /**
   * What the database may hold in a column instead of what came of it, unless its users wrote
   * since: what the others held before, where the write stands and may be lost here; the write
   * itself, where it had lost to what the others held. Where it may be either, nothing is said.
   */
  private Tuple replaced(Tuple written) {
    if (written.isNone()) {
      return Tuple.NONE;
    }
    List<Field> before = fields(sentToOthers().before());
    List<Field> sent = fields(sentToOthers().after());
    List<Field> wrote = fields(written);
    List<Field> now = fields(result);
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (int i = 0; i < now.size(); i++) {
      if (now.get(i).isAbsent()) {
        tuple.putUnchanged();
      } else if (wrote.get(i).equals(now.get(i))) {
        tuple.put(before.isEmpty() ? Field.ABSENT : before.get(i));
      } else {
        boolean isSent = !sent.isEmpty() && !sent.get(i).equals(Field.UNCHANGED);
        tuple.put(isSent ? Field.ABSENT : wrote.get(i));
      }
    }
    return new Tuple(sink.toBytes());
  }

  private RowChange.Update sentToOthers() {
    return forOthers.isEmpty()
        ? new RowChange.Update(new SchemaId(0), new RowKey(Bytes.EMPTY), Tuple.NONE, Tuple.NONE)
        : (RowChange.Update) new RowBlock(forOthers, 1).iterator().next();
  }

  private static List<Field> fields(Tuple tuple) {
    List<Field> fields = new ArrayList<>();
    for (TupleReader reader = tuple.reader(); reader.next(); ) {
      fields.add(reader.field());
    }
    return fields;
  }

  private static boolean isWhole(Bytes encodedRow) {
    return !encodedRow.isEmpty()
        && !(new RowBlock(encodedRow, 1).iterator().next() instanceof RowChange.Update);
  }
}
