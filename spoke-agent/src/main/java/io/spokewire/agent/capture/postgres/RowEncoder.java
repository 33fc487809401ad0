package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.KeylessTable;
import io.spokewire.agent.capture.RowPart;
import io.spokewire.agent.schema.postgres.PgAgreedForm;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SchemaId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns row images into encoded row changes. The hot path: no object per column, no string per
 * value; its buffers are used again for every row. Not thread-safe.
 *
 * <p>Invariant: the bytes of a row depend on the messages alone, so a re-read gives them again.
 */
final class RowEncoder {
  private final Image newRow = new Image();
  private final Image oldRow = new Image();
  private RowPart key = new RowPart();
  private RowPart otherKey = new RowPart();
  private RowPart before = new RowPart();
  private RowPart after = new RowPart();

  void insert(RelationPlan plan, TableSchema schema, TupleData row, RowBlockWriter out) {
    newRow.read(plan, row);
    begin();
    putKey(plan, newRow, null, key);
    putAll(plan, newRow, null, after);
    out.putInsert(schema.id(), key.sink(), after.sink());
  }

  void update(
      RelationPlan plan, TableSchema schema, PgOutputMessage.Update update, RowBlockWriter out) {
    requireKey(plan, schema, "an update");
    begin();
    newRow.read(plan, update.row());
    TupleData oldData = update.old();
    if (oldData == null) {
      putKey(plan, newRow, null, key);
      putAll(plan, newRow, null, after);
      out.putUpdate(schema.id(), key.sink(), before.sink(), after.sink());
      return;
    }
    oldRow.read(plan, oldData);
    boolean whole = update.whole() && plan.wholeImages();
    putKey(plan, oldRow, null, key);
    if (keyChanged(plan)) {
      putKey(plan, newRow, oldRow, otherKey);
      if (whole) {
        putAll(plan, oldRow, null, before);
      }
      putAll(plan, newRow, whole ? oldRow : null, after);
      out.putKeyChange(schema.id(), key.sink(), otherKey.sink(), before.sink(), after.sink());
      return;
    }
    if (whole) {
      putChanges(plan);
    } else {
      putAll(plan, newRow, null, after);
    }
    out.putUpdate(schema.id(), key.sink(), before.sink(), after.sink());
  }

  void delete(
      RelationPlan plan, TableSchema schema, PgOutputMessage.Delete delete, RowBlockWriter out) {
    requireKey(plan, schema, "a delete");
    begin();
    oldRow.read(plan, delete.old());
    putKey(plan, oldRow, null, key);
    if (delete.whole() && plan.wholeImages()) {
      putAll(plan, oldRow, null, before);
    }
    SchemaId id = schema.id();
    out.putDelete(id, key.sink(), before.sink());
  }

  private void begin() {
    key = key.cleared();
    otherKey = otherKey.cleared();
    before = before.cleared();
    after = after.cleared();
  }

  private boolean keyChanged(RelationPlan plan) {
    for (int i = 0; i < plan.keyColumns(); i++) {
      int ordinal = plan.keyColumn(i);
      if (!newRow.isUnchanged(ordinal) && !newRow.sameAt(ordinal, oldRow)) {
        return true;
      }
    }
    return false;
  }

  /** The key's fields; an unchanged TOAST value is taken from {@code fallback}. */
  private static void putKey(RelationPlan plan, Image row, @Nullable Image fallback, RowPart out) {
    for (int i = 0; i < plan.keyColumns(); i++) {
      int ordinal = plan.keyColumn(i);
      Image from = row;
      if (row.isUnchanged(ordinal)) {
        if (fallback == null || fallback.isUnchanged(ordinal)) {
          throw Fault.invariant("row key", "the log has no value for a key column");
        }
        from = fallback;
      }
      from.put(plan, ordinal, out.writer());
    }
  }

  private static void putAll(RelationPlan plan, Image row, @Nullable Image fallback, RowPart out) {
    for (int i = 0, n = plan.columns(); i < n; i++) {
      Image from = fallback != null && row.isUnchanged(i) ? fallback : row;
      from.put(plan, i, out.writer());
    }
  }

  /** Old and new values of what differs. Equal text is an equal value: one type wrote both. */
  private void putChanges(RelationPlan plan) {
    for (int i = 0, n = plan.columns(); i < n; i++) {
      if (newRow.isUnchanged(i) || newRow.sameAt(i, oldRow)) {
        before.writer().putUnchanged();
        after.writer().putUnchanged();
      } else {
        oldRow.put(plan, i, before.writer());
        newRow.put(plan, i, after.writer());
      }
    }
  }

  private static void requireKey(RelationPlan plan, TableSchema schema, String what) {
    if (plan.keyColumns() == 0) {
      throw KeylessTable.refused(schema, what);
    }
  }

  /** Where the columns of one image are. */
  private static final class Image {
    private static final int NULL = -1;
    private static final int UNCHANGED = -2;

    private byte[] array = {};
    private int[] offsets = new int[16];

    /** Bytes of text, or one of the constants. */
    private int[] lengths = new int[16];

    void read(RelationPlan plan, TupleData data) {
      int columns = plan.messageColumns();
      if (data.columns() != columns) {
        throw new MalformedBytesException(
            data.columns() + " columns in a row of " + columns + " columns");
      }
      if (offsets.length < columns) {
        offsets = new int[columns];
        lengths = new int[columns];
      }
      byte[] a = data.array();
      array = a;
      int at = data.offset();
      for (int i = 0; i < columns; i++) {
        int kind = a[at++];
        int ordinal = plan.ordinalOf(i);
        if (kind == TupleData.TEXT) {
          int length =
              a[at] << 24 | (a[at + 1] & 0xFF) << 16 | (a[at + 2] & 0xFF) << 8 | (a[at + 3] & 0xFF);
          at += 4;
          if (ordinal >= 0) {
            offsets[ordinal] = at;
            lengths[ordinal] = length;
          }
          at += length;
        } else if (ordinal >= 0) {
          lengths[ordinal] = kind == TupleData.NULL ? NULL : UNCHANGED;
        }
      }
    }

    boolean isUnchanged(int ordinal) {
      return lengths[ordinal] == UNCHANGED;
    }

    boolean sameAt(int ordinal, Image other) {
      int length = lengths[ordinal];
      if (length != other.lengths[ordinal]) {
        return false;
      }
      int mine = offsets[ordinal];
      int theirs = other.offsets[ordinal];
      return length <= 0
          || Arrays.equals(array, mine, mine + length, other.array, theirs, theirs + length);
    }

    void put(RelationPlan plan, int ordinal, TupleWriter out) {
      int length = lengths[ordinal];
      if (length >= 0) {
        PgAgreedForm.write(
            plan.own(ordinal), plan.type(ordinal), array, offsets[ordinal], length, out);
      } else if (length == NULL) {
        out.putNull();
      } else {
        out.putUnchanged();
      }
    }
  }
}
