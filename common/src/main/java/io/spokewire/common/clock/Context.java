package io.spokewire.common.clock;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a local transaction had seen: the hub positions applied in its database before it committed.
 *
 * <p>{@code low}: every position up to here is applied. {@code above}: positions beyond {@code low}
 * that are applied too (apply may run out of order), ascending. {@code exceptions}: rows that were
 * set aside, for which only a lower position counts. Immutable; the array is never changed after
 * construction.
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

  /** Whether the outcome at this position is seen on this row. */
  public boolean covers(long number, TableName table, Bytes key) {
    if (!covers(number)) {
      return false;
    }
    for (Unseen e : exceptions) {
      if (e.concerns(table, key) && number > e.low()) {
        return false;
      }
    }
    return true;
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
   * A row, or with a null key a whole table, of which only outcomes up to {@code low} are seen.
   *
   * @param key the encoded row key, or null for every row of the table
   */
  public record Unseen(TableName table, @Nullable Bytes key, long low) {
    boolean concerns(TableName otherTable, Bytes otherKey) {
      return table.equals(otherTable) && (key == null || key.equals(otherKey));
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
