package io.spokewire.agent.capture;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.TupleWriter;
import java.util.Arrays;

/**
 * Turns images of a row into an encoded row change. Its buffers are used again for every row. Not
 * thread-safe.
 *
 * <p>Invariant: the bytes of a row depend on its images alone, so a re-read gives them again.
 */
public final class LoggedRow {
  private final Image oldRow = new Image();
  private final Image newRow = new Image();
  private final ByteSink key = new ByteSink(64);
  private final ByteSink otherKey = new ByteSink(64);
  private final ByteSink before = new ByteSink(512);
  private final ByteSink after = new ByteSink(512);

  /**
   * Puts the change into a spool; an update that changes nothing is none.
   *
   * @param operation I, U or D
   * @param logged the row; for an update the old one and then the new one
   */
  public void decode(char operation, RowForm form, byte[] logged, RowSpool spool) {
    key.clear();
    otherKey.clear();
    before.clear();
    after.clear();
    RowBlockWriter out = spool.writer();
    int columns = form.columns().size();
    int end =
        switch (operation) {
          case 'I' -> {
            int read = newRow.read(logged, 0, columns);
            putKey(form, newRow, key);
            putAll(form, newRow, after);
            out.putInsert(form.schema().id(), key, after);
            yield read;
          }
          case 'D' -> {
            requireKey(form, "a delete");
            int read = oldRow.read(logged, 0, columns);
            putKey(form, oldRow, key);
            putAll(form, oldRow, before);
            out.putDelete(form.schema().id(), key, before);
            yield read;
          }
          case 'U' -> {
            requireKey(form, "an update");
            int read = newRow.read(logged, oldRow.read(logged, 0, columns), columns);
            update(form, out);
            yield read;
          }
          default -> throw new MalformedBytesException("operation " + operation);
        };
    if (end != logged.length) {
      throw new MalformedBytesException(logged.length - end + " bytes left over in a logged row");
    }
    spool.rowDone();
  }

  private void update(RowForm form, RowBlockWriter out) {
    putKey(form, oldRow, key);
    if (keyChanged(form)) {
      putKey(form, newRow, otherKey);
      putAll(form, oldRow, before);
      putAll(form, newRow, after);
      out.putKeyChange(form.schema().id(), key, otherKey, before, after);
      return;
    }
    boolean changed = false;
    TupleWriter old = new TupleWriter(before);
    TupleWriter present = new TupleWriter(after);
    for (int i = 0; i < form.columns().size(); i++) {
      if (newRow.sameAt(i, oldRow)) {
        old.putUnchanged();
        present.putUnchanged();
      } else {
        changed = true;
        oldRow.put(form, i, old);
        newRow.put(form, i, present);
      }
    }
    if (changed) {
      out.putUpdate(form.schema().id(), key, before, after);
    }
  }

  private boolean keyChanged(RowForm form) {
    for (int column : form.schema().key()) {
      if (!newRow.sameAt(column, oldRow)) {
        return true;
      }
    }
    return false;
  }

  private static void putKey(RowForm form, Image row, ByteSink out) {
    TupleWriter writer = new TupleWriter(out);
    for (int column : form.schema().key()) {
      row.put(form, column, writer);
    }
  }

  private static void putAll(RowForm form, Image row, ByteSink out) {
    TupleWriter writer = new TupleWriter(out);
    for (int i = 0; i < form.columns().size(); i++) {
      row.put(form, i, writer);
    }
  }

  private static void requireKey(RowForm form, String what) {
    if (!form.schema().hasKey()) {
      throw KeylessTable.refused(form.schema(), what);
    }
  }

  /** Where the columns of one row are. */
  private static final class Image {
    private byte[] array = {};
    private int[] starts = new int[16];

    /** -1 for NULL. */
    private int[] ends = new int[16];

    /** Returns where the row ends. */
    int read(byte[] logged, int from, int columns) {
      if (starts.length < columns) {
        starts = new int[columns];
        ends = new int[columns];
      }
      array = logged;
      int at = from;
      for (int i = 0; i < columns; i++) {
        if (logged[at] == '-') {
          ends[i] = -1;
          at++;
          continue;
        }
        int length = 0;
        while (logged[at] != ':') {
          length = length * 10 + (logged[at++] - '0');
        }
        starts[i] = ++at;
        at += length;
        ends[i] = at;
      }
      return at;
    }

    boolean sameAt(int column, Image other) {
      int end = ends[column];
      int otherEnd = other.ends[column];
      if (end < 0 || otherEnd < 0) {
        return end == otherEnd;
      }
      return Arrays.equals(array, starts[column], end, other.array, other.starts[column], otherEnd);
    }

    void put(RowForm form, int column, TupleWriter out) {
      int start = starts[column];
      int end = ends[column];
      if (end < 0) {
        out.putNull();
      } else {
        form.columns().get(column).write(array, start, end - start, out);
      }
    }
  }
}
