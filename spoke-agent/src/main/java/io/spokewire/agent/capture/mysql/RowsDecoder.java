package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.KeylessTable;
import io.spokewire.agent.capture.RowPart;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.mysql.BinlogEvent.Reader;
import io.spokewire.agent.capture.mysql.TablePlan.Value;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of an event into encoded row changes. The hot path: no object per column, no
 * string per value; its buffers are used again for every row. Not thread-safe.
 *
 * <p>Invariant: the bytes of a row depend on the log and the table's plan alone, so a re-read gives
 * them again.
 */
final class RowsDecoder {
  private RowPart key = new RowPart();
  private RowPart otherKey = new RowPart();
  private RowPart before = new RowPart();
  private RowPart after = new RowPart();
  private ByteSink scratch = new ByteSink(512);
  private Image oldRow = new Image();
  private Image newRow = new Image();

  /** What a rows event does. */
  enum Kind {
    INSERT,
    UPDATE,
    DELETE
  }

  /**
   * Puts the rows of an event into a spool.
   *
   * @param body from behind its header
   * @param compressed as MariaDB does it
   */
  void decode(
      Kind kind,
      boolean compressed,
      TablePlan plan,
      TableSchema schema,
      Reader body,
      RowSpool spool) {
    TableMap map = plan.map();
    readColumns(kind, plan, body);
    Reader rows = compressed ? Compression.inflate(body) : body;
    while (rows.remaining() > 0) {
      RowBlockWriter out = spool.writer();
      begin();
      switch (kind) {
        case INSERT -> {
          newRow.read(map, rows);
          putKey(plan, newRow, key);
          putAll(plan, newRow, after);
          out.putInsert(schema.id(), key.sink(), after.sink());
        }
        case DELETE -> {
          requireKey(plan, schema, "a delete");
          oldRow.read(map, rows);
          putKey(plan, oldRow, key);
          putAll(plan, oldRow, before);
          out.putDelete(schema.id(), key.sink(), before.sink());
        }
        case UPDATE -> update(plan, schema, map, rows, out);
      }
      spool.rowDone();
    }
  }

  private void update(
      TablePlan plan, TableSchema schema, TableMap map, Reader rows, RowBlockWriter out) {
    requireKey(plan, schema, "an update");
    oldRow.read(map, rows);
    newRow.read(map, rows);
    putKey(plan, oldRow, key);
    if (keyChanged(plan)) {
      putKey(plan, newRow, otherKey);
      putAll(plan, oldRow, before);
      putAll(plan, newRow, after);
      out.putKeyChange(schema.id(), key.sink(), otherKey.sink(), before.sink(), after.sink());
      return;
    }
    for (int i = 0, n = plan.columns(); i < n; i++) {
      Value value = plan.value(i);
      if (newRow.sameAt(value.column(), oldRow)) {
        before.writer().putUnchanged();
        after.writer().putUnchanged();
      } else {
        put(map, value, oldRow, before.writer());
        put(map, value, newRow, after.writer());
      }
    }
    out.putUpdate(schema.id(), key.sink(), before.sink(), after.sink());
  }

  /** Gives what each row of an event has in the column of marks afterwards. */
  void decodeMarks(
      Kind kind, boolean compressed, TablePlan plan, Reader body, Consumer<Bytes> marks) {
    TableMap map = plan.map();
    readColumns(kind, plan, body);
    Reader rows = compressed ? Compression.inflate(body) : body;
    while (rows.remaining() > 0) {
      if (kind != Kind.INSERT) {
        oldRow.read(map, rows);
      }
      if (kind != Kind.DELETE) {
        newRow.read(map, rows);
      }
      int column = plan.markColumn();
      if (kind != Kind.DELETE && newRow.ends[column] >= 0) {
        int start = newRow.starts[column] + map.meta()[column]; // behind the length
        marks.accept(Bytes.wrap(Arrays.copyOfRange(newRow.array, start, newRow.ends[column])));
      }
    }
  }

  private void readColumns(Kind kind, TablePlan plan, Reader rows) {
    int columns = (int) rows.packed();
    if (columns != plan.map().columns()) {
      throw Fault.invariant(
          "row image", columns + " columns in a row of " + plan.map().columns() + " columns");
    }
    if (kind != Kind.INSERT) {
      oldRow.expect(plan, rows);
    }
    if (kind != Kind.DELETE) {
      newRow.expect(plan, rows);
    }
  }

  private void begin() {
    key = key.cleared();
    otherKey = otherKey.cleared();
    before = before.cleared();
    after = after.cleared();
    if (scratch.backingArray().length > RowPart.KEPT_BUFFER) {
      scratch = new ByteSink(512);
    }
  }

  private boolean keyChanged(TablePlan plan) {
    for (int i = 0; i < plan.keyColumns(); i++) {
      if (!newRow.sameAt(plan.value(plan.keyColumn(i)).column(), oldRow)) {
        return true;
      }
    }
    return false;
  }

  private void putKey(TablePlan plan, Image row, RowPart out) {
    for (int i = 0; i < plan.keyColumns(); i++) {
      put(plan.map(), plan.value(plan.keyColumn(i)), row, out.writer());
    }
  }

  private void putAll(TablePlan plan, Image row, RowPart out) {
    for (int i = 0, n = plan.columns(); i < n; i++) {
      put(plan.map(), plan.value(i), row, out.writer());
    }
  }

  private void put(TableMap map, Value value, Image row, TupleWriter out) {
    int column = value.column();
    int start = row.starts[column];
    int end = row.ends[column];
    if (end < 0) {
      out.putNull();
      return;
    }
    byte[] a = row.array;
    int meta = map.meta()[column];
    switch (value.form()) {
      case INTEGER ->
          value.encoder().integer(integer(a, start, end, value.unsigned()), value.unsigned(), out);
      case YEAR ->
          value.encoder().integer(a[start] == 0 ? 0 : 1900 + (a[start] & 0xFF), false, out);
      case FLOAT -> value.encoder().float32(Float.intBitsToFloat((int) little(a, start, 4)), out);
      case DOUBLE -> value.encoder().float64(Double.longBitsToDouble(little(a, start, 8)), out);
      case DECIMAL -> {
        scratch.clear();
        BinaryDecimal.append(a, start, meta >> 8, meta & 0xFF, scratch);
        value.encoder().decimal(scratch.backingArray(), 0, scratch.size(), out);
      }
      case DATE -> {
        int packed = (int) little(a, start, 3);
        value.encoder().date(packed >> 9, packed >> 5 & 15, packed & 31, out);
      }
      case DATETIME -> {
        long packed = big(a, start, 5) - 0x80_0000_0000L;
        long day = packed >> 17;
        long month = day >> 5;
        value
            .encoder()
            .datetime(
                (int) (month / 13),
                (int) (month % 13),
                (int) (day & 31),
                clock(packed & 0x1FFFF) + fraction(a, start + 5, meta),
                out);
      }
      case TIMESTAMP ->
          value
              .encoder()
              .timestamp(big(a, start, 4) * 1_000_000 + fraction(a, start + 4, meta), out);
      case TIME -> value.encoder().time(time(a, start, meta), out);
      case BIT -> value.encoder().bits(a, start, end - start, out);
      case ENUM -> {
        int index = (int) little(a, start, end - start);
        byte[] label = index == 0 ? NO_LABEL : labels(value, map)[index - 1];
        value.encoder().text(label, 0, label.length, out);
      }
      case SET -> {
        long bits = little(a, start, end - start);
        byte[][] labels = labels(value, map);
        scratch.clear();
        for (int i = 0; i < labels.length; i++) {
          if ((bits >> i & 1) != 0) {
            if (!scratch.isEmpty()) {
              scratch.putByte(',');
            }
            scratch.put(labels[i]);
          }
        }
        value.encoder().text(scratch.backingArray(), 0, scratch.size(), out);
      }
      case TEXT -> {
        int from = start + prefix(map, column);
        CharacterSet set = value.text();
        if (set == null) {
          value.encoder().text(a, from, end - from, out);
        } else {
          scratch.clear();
          set.append(a, from, end - from, scratch);
          value.encoder().text(scratch.backingArray(), 0, scratch.size(), out);
        }
      }
      case BYTES -> {
        int from = start + prefix(map, column);
        value.encoder().bytes(a, from, end - from, out);
      }
      case FIXED_BYTES, UUID, ADDRESS -> {
        // The log leaves zeros at the end out.
        int from = start + prefix(map, column);
        scratch.clear();
        scratch.put(a, from, end - from);
        while (scratch.size() < meta) {
          scratch.putByte(0);
        }
        byte[] whole = scratch.backingArray();
        switch (value.form()) {
          case UUID -> MariaDbUuid.put(whole, value.encoder(), out);
          case ADDRESS -> value.encoder().address(whole, 0, meta, out);
          default -> value.encoder().bytes(whole, 0, meta, out);
        }
      }
      case JSON -> {
        int from = start + meta;
        scratch.clear();
        BinaryJson.append(a, from, end - from, scratch);
        value.encoder().text(scratch.backingArray(), 0, scratch.size(), out);
      }
    }
  }

  /** Of an enum's index 0, which is what a server in a lax mode keeps for a label it has not. */
  private static final byte[] NO_LABEL = {0};

  private static byte[][] labels(Value value, TableMap map) {
    byte[][] labels = value.labels();
    if (labels == null) {
      throw map.unreadable(value.column());
    }
    return labels;
  }

  /** How many bytes say a text's length. */
  private static int prefix(TableMap map, int column) {
    int meta = map.meta()[column];
    return switch (map.types()[column]) {
      case TableMap.VARCHAR, TableMap.VAR_STRING, TableMap.STRING -> meta > 255 ? 2 : 1;
      default -> meta;
    };
  }

  private static long integer(byte[] a, int start, int end, boolean unsigned) {
    long value = little(a, start, end - start);
    int spare = 64 - 8 * (end - start);
    return unsigned ? value : value << spare >> spare;
  }

  private static long little(byte[] a, int start, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (a[start + i] & 0xFF);
    }
    return value;
  }

  private static long big(byte[] a, int start, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (a[start + i] & 0xFF);
    }
    return value;
  }

  /** Microseconds of hour, minute and second in twelve and six and six bits. */
  private static long clock(long packed) {
    return ((packed >> 12) * 3600 + (packed >> 6 & 63) * 60 + (packed & 63)) * 1_000_000;
  }

  private static long fraction(byte[] a, int start, int digits) {
    int bytes = (digits + 1) / 2;
    return big(a, start, bytes) * (bytes == 1 ? 10_000 : bytes == 2 ? 100 : 1);
  }

  private static long time(byte[] a, int start, int digits) {
    int bytes = (digits + 1) / 2;
    // Hours to fraction are one number, so that a negative time is a negative number.
    long number = big(a, start, 3 + bytes) - (0x80_0000L << 8 * bytes);
    long size = Math.abs(number);
    long fraction = size & ((1L << 8 * bytes) - 1);
    long micros =
        clock(size >> 8 * bytes) + fraction * (bytes == 1 ? 10_000 : bytes == 2 ? 100 : 1);
    return number < 0 ? -micros : micros;
  }

  private static void requireKey(TablePlan plan, TableSchema schema, String what) {
    if (plan.keyColumns() == 0) {
      throw KeylessTable.refused(schema, what);
    }
  }

  /** Where the columns of one image are. */
  private static final class Image {
    private byte[] array = {};
    private int[] starts = new int[16];

    /** -1 for NULL, and for what is absent. */
    private int[] ends = new int[16];

    /** Columns that the rows do not have; null if they have all. */
    private boolean @Nullable [] absent;

    /**
     * Takes from an event which columns its rows have. Those that nobody reads need not be there:
     * MariaDB 11.8 leaves out what is generated and not stored.
     */
    void expect(TablePlan plan, Reader event) {
      TableMap map = plan.map();
      absent = null;
      for (int i = 0; i < map.columns(); i++) {
        if ((event.array[event.at + (i >> 3)] >> (i & 7) & 1) == 0) {
          if (plan.reads(i)) {
            throw Fault.of(FaultKind.NEGATIVE, "capture", "a row in the log is not whole")
                .at(map.database() + "." + map.table())
                .hint(
                    "somebody wrote with binlog_row_image other than FULL: set it so for all,"
                        + " compare the site with the others, then let it rejoin")
                .build();
          }
          if (absent == null) {
            absent = new boolean[map.columns()];
          }
          absent[i] = true;
        }
      }
      event.at += (map.columns() + 7) / 8;
    }

    void read(TableMap map, Reader rows) {
      int columns = map.columns();
      if (starts.length < columns) {
        starts = new int[columns];
        ends = new int[columns];
      }
      array = rows.array;
      int nulls = rows.at;
      int at = nulls + (present(columns) + 7) / 8;
      int bit = 0;
      for (int i = 0; i < columns; i++) {
        if (absent != null && absent[i]) {
          ends[i] = -1;
          continue;
        }
        if ((array[nulls + (bit >> 3)] >> (bit & 7) & 1) != 0) {
          ends[i] = -1;
        } else {
          starts[i] = at;
          at = map.endOf(i, array, at);
          ends[i] = at;
        }
        bit++;
      }
      rows.at = at;
    }

    private int present(int columns) {
      int present = columns;
      if (absent != null) {
        for (boolean isAbsent : absent) {
          present -= isAbsent ? 1 : 0;
        }
      }
      return present;
    }

    boolean sameAt(int column, Image other) {
      int end = ends[column];
      int otherEnd = other.ends[column];
      if (end < 0 || otherEnd < 0) {
        return end == otherEnd;
      }
      return Arrays.equals(array, starts[column], end, other.array, other.starts[column], otherEnd);
    }
  }
}
