package io.spokewire.common.clock;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a local transaction had seen: the hub positions applied in its database before it committed.
 *
 * <p>{@code low}: every position up to here is applied. {@code above}: positions beyond {@code low}
 * that are applied too (apply may run out of order), ascending. {@code exceptions}: rows that were
 * set aside and fields that kept a value of the site's own, for which only a lower position counts.
 * Immutable; the array is never changed after construction.
 *
 * <p>Invariant: no element of {@code above} is at or below {@code low}.
 */
public record Context(Position low, long[] above, List<Unseen> exceptions) {
  private static final long[] NOTHING = {};

  public Context {
    exceptions = List.copyOf(exceptions);
    for (int i = 0; i < above.length; i++) {
      long before = i == 0 ? low.number() : above[i - 1];
      if (above[i] <= before) {
        throw new IllegalArgumentException("context not ascending: " + low + " " + toText(above));
      }
    }
  }

  /** Everything up to {@code low}, nothing else. */
  public static Context through(Position low) {
    return new Context(low, NOTHING, List.of());
  }

  /** Whether the position is seen, exceptions aside. */
  public boolean covers(long number) {
    return number <= low.number() || (above.length > 0 && Arrays.binarySearch(above, number) >= 0);
  }

  /**
   * Whether the outcome at this position is seen on this row.
   *
   * @param field a column, or null for the row itself: whether it exists
   */
  public boolean covers(long number, TableName table, Bytes key, @Nullable String field) {
    if (!covers(number)) {
      return false;
    }
    for (Unseen e : exceptions) {
      if (number > e.low() && e.concerns(table, key) && e.concerns(field)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the outcome at this position is seen on every field of this row. */
  public boolean coversRow(long number, TableName table, Bytes key) {
    return covers(number)
        && exceptions.stream().noneMatch(e -> number > e.low() && e.concerns(table, key));
  }

  /** Whether an exception concerns this row, or a field of it. */
  public boolean excepts(TableName table, Bytes key) {
    for (Unseen e : exceptions) {
      if (e.concerns(table, key)) {
        return true;
      }
    }
    return false;
  }

  /** The position up to which everything is seen on every row: what the frontier may use. */
  public long lowest() {
    long lowest = low.number();
    for (Unseen e : exceptions) {
      lowest = Math.min(lowest, e.low());
    }
    return lowest;
  }

  /** This context after {@code from}..{@code through} were applied as well. */
  public Context plus(long from, long through) {
    if (from > through || from <= 0) {
      throw new IllegalArgumentException("positions " + from + ".." + through);
    }
    long newLow = low.number();
    if (from <= newLow + 1) {
      newLow = Math.max(newLow, through);
      int taken = 0;
      while (taken < above.length && above[taken] <= newLow + 1) {
        newLow = Math.max(newLow, above[taken]);
        taken++;
      }
      return new Context(
          low.at(newLow), Arrays.copyOfRange(above, taken, above.length), exceptions);
    }
    long[] merged = Arrays.copyOf(above, above.length + (int) (through - from + 1));
    for (int i = 0; i <= through - from; i++) {
      merged[above.length + i] = from + i;
    }
    return new Context(low, Arrays.stream(merged).sorted().distinct().toArray(), exceptions);
  }

  public Context withExceptions(List<Unseen> newExceptions) {
    return new Context(low, above, newExceptions);
  }

  /** Whether everything {@code earlier} had seen is seen here too (invariant I4 of a stream). */
  public boolean includes(Context earlier) {
    if (!low.isSameLogAs(earlier.low) || low.number() < earlier.low.number()) {
      return false;
    }
    for (long number : earlier.above) {
      if (!covers(number)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A row, a field of it, or with a null key a whole table, of which only outcomes up to {@code
   * low} are seen.
   *
   * @param key the encoded row key, or null for every row of the table
   * @param field a column, or null for every one and the row itself; null if the key is
   */
  public record Unseen(TableName table, @Nullable Bytes key, @Nullable String field, long low) {
    /** About what one takes in memory: each transaction's context has its own. */
    public static final int MEMORY_BYTES = 250;

    private static final int TABLE = 0;
    private static final int ROW = 1;
    private static final int FIELD = 2;

    public Unseen {
      if (key == null && field != null) {
        throw new IllegalArgumentException("a field of no row");
      }
    }

    /** Every field of a row, or of every row. */
    public Unseen(TableName table, @Nullable Bytes key, long low) {
      this(table, key, null, low);
    }

    /** Whether it says all that {@code other} says but for the position. */
    public boolean includes(Unseen other) {
      return table.equals(other.table)
          && (key == null || Objects.equals(key, other.key))
          && (field == null || Objects.equals(field, other.field));
    }

    public Unseen detached() {
      return key == null ? this : new Unseen(table, key.detached(), field, low);
    }

    boolean concerns(TableName otherTable, Bytes otherKey) {
      return (key == null || key.equals(otherKey)) && table.equals(otherTable);
    }

    boolean concerns(@Nullable String otherField) {
      return field == null || Objects.equals(field, otherField);
    }

    public void putTo(ByteSink sink) {
      sink.putText(table.name()).putByte(key == null ? TABLE : field == null ? ROW : FIELD);
      if (key != null) {
        sink.putSized(key);
      }
      if (field != null) {
        sink.putText(field);
      }
      sink.putVarint(low);
    }

    /**
     * @throws MalformedBytesException if there is none; its key shares the source's array
     */
    public static Unseen readFrom(ByteSource source) {
      TableName table = new TableName(source.readText());
      int what = source.readByte();
      if (what > FIELD) {
        throw new MalformedBytesException("unknown exception " + what);
      }
      Bytes key = what == TABLE ? null : source.readSized();
      String field = what == FIELD ? source.readText() : null;
      return new Unseen(table, key, field, source.readVarint());
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Context c
        && low.equals(c.low)
        && Arrays.equals(above, c.above)
        && exceptions.equals(c.exceptions);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * low.hashCode() + Arrays.hashCode(above)) + exceptions.hashCode();
  }

  @Override
  public String toString() {
    return low
        + (above.length == 0 ? "" : " + " + toText(above))
        + (exceptions.isEmpty() ? "" : " except " + exceptions);
  }

  private static String toText(long[] numbers) {
    return Arrays.toString(numbers);
  }
}
