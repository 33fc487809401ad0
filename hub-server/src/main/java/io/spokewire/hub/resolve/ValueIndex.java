package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TupleWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows of a table in memory by the values of some of their columns. A row stands under
 * what it held after each of its versions, so a finder asks again whether it still holds it. NULL
 * is nobody's value, and neither is one that the window does not know.
 */
final class ValueIndex {
  private final List<String> columns;
  private final int[] fields;
  private final Map<Bytes, List<RowWindow>> rows = new HashMap<>();
  private final Map<Version, Bytes> entries = new IdentityHashMap<>();

  /**
   * @param fields the columns' field numbers in their table
   */
  ValueIndex(List<String> columns, int[] fields) {
    this.columns = columns;
    this.fields = fields;
  }

  List<String> columns() {
    return columns;
  }

  /** The version is its row's last now. */
  void add(Version version) {
    Bytes values = says(version) ? valuesOf(version.row) : null;
    if (values != null) {
      entries.put(version, values);
      rows.computeIfAbsent(values, v -> new ArrayList<>(1)).add(version.row);
    }
  }

  void remove(Version version) {
    Bytes values = entries.remove(version);
    if (values != null) {
      List<RowWindow> found = Objects.requireNonNull(rows.get(values), "stands in the index");
      found.remove(version.row);
      if (found.isEmpty()) {
        rows.remove(values);
      }
    }
  }

  /** What rows held after any of their versions; in an order that the same values always have. */
  List<Bytes> values() {
    return rows.keySet().stream().sorted().toList();
  }

  /** The rows that exist and hold these values. */
  List<RowWindow> holders(Bytes values) {
    return rows.getOrDefault(values, List.of()).stream()
        .distinct()
        .filter(row -> Boolean.TRUE.equals(row.exists()) && Objects.equals(values, valuesOf(row)))
        .toList();
  }

  /** Whether the write gives a value to any of the columns. */
  boolean isWrittenBy(RowWrite write) {
    for (int field : fields) {
      if (write.given.contains(field)) {
        return write.exists();
      }
    }
    return false;
  }

  /** What the row holds now. */
  @Nullable Bytes valuesOf(RowWindow row) {
    return encoded(row::valueOf);
  }

  /** What the row will hold after a write that has seen all of it. */
  @Nullable Bytes valuesAfter(RowWrite write, @Nullable RowWindow row) {
    @Nullable Field[] written = write.written();
    return encoded(
        field -> {
          int ordinal = write.shape.ordinalOf(field);
          Field value = ordinal < 0 ? null : written[ordinal];
          return value != null || row == null ? value : row.valueOf(field);
        });
  }

  /** The version that gave the row the values it holds. */
  Version setter(RowWindow row) {
    return row.all().reversed().stream().filter(this::says).findFirst().orElseThrow();
  }

  private boolean says(Version version) {
    for (int field : fields) {
      if (version.valueOf(field) != null) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Bytes encoded(IntFunction<@Nullable Field> values) {
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (int field : fields) {
      Field value = values.apply(field);
      if (value == null || !value.isPresent() || value.isNull()) {
        return null;
      }
      tuple.put(value);
    }
    return sink.toBytes();
  }

  /** The key of the row that these values refer to. */
  static RowKey asKey(Bytes values) {
    return new RowKey(values);
  }
}
