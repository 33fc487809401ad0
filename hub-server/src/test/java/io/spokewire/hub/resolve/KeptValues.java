package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A site that protects its own pending writes, as a model: what of the hub's values is kept off one
 * table, whose rows are maps and whose key is its first column.
 */
final class KeptValues {
  private final TableSchema schema;
  private final List<Value> values = new ArrayList<>();

  KeptValues(TableSchema schema) {
    this.schema = schema;
  }

  /**
   * A change on its way into the database.
   *
   * @param low the position before it
   * @param captured the last local transaction that capture has given a number
   */
  record Arrival(int row, long low, long captured) {}

  /** One exception: a field, or with a null field the whole row. */
  static final class Value {
    private final int row;
    private final @Nullable String field;
    private long low;
    private long through; // the last local transaction that may be why it was kept
    private @Nullable Object seen; // what the database held instead
    private @Nullable Object hub; // text of a field, map of a row, null for a row that is gone

    private Value(int row, @Nullable String field, long low) {
      this.row = row;
      this.field = field;
      this.low = low;
    }

    int row() {
      return row;
    }

    long through() {
      return through;
    }

    boolean concerns(String other) {
      return field == null || field.equals(other);
    }
  }

  List<Value> values() {
    return List.copyOf(values);
  }

  boolean concerns(int row, String field) {
    return values.stream().anyMatch(v -> v.row == row && v.concerns(field));
  }

  /** As the marker has it. */
  List<Context.Unseen> unseen() {
    return values.stream()
        .map(v -> new Context.Unseen(schema.table(), key(v.row), v.field, v.low))
        .toList();
  }

  /** Writes a change as far as it compares; gives the fields that hold the hub's value now. */
  Set<String> apply(Map<Integer, Map<String, String>> rows, Arrival at, RowChange change) {
    Map<String, String> now = rows.get(at.row);
    return switch (change) {
      case RowChange.Update c -> update(now, at, c);
      case RowChange.Insert c -> {
        Map<String, String> row = fields(c.after());
        yield whole(rows, at, row, now == null || now.equals(row));
      }
      case RowChange.KeyChange c -> {
        Map<String, String> row = fields(c.after());
        yield whole(rows, at, row, now != null && (matches(now, c.before()) || now.equals(row)));
      }
      case RowChange.Delete c -> whole(rows, at, null, now == null || matches(now, c.before()));
      case RowChange.Truncate c -> throw new AssertionError(c);
    };
  }

  /**
   * Nothing that was captured can be pending any more: the hub's value is written, unless something
   * else stands there by now.
   */
  boolean expire(Map<Integer, Map<String, String>> rows, Value value, long captured) {
    Map<String, String> now = rows.get(value.row);
    Object here = value.field == null || now == null ? copy(now) : now.get(value.field);
    if (!Objects.equals(here, value.seen)) {
      value.seen = here;
      value.through = captured;
      return false;
    }
    if (value.field == null) {
      put(rows, value.row, value.hub);
    } else if (now != null) {
      now.put(value.field, String.valueOf(value.hub));
    }
    values.remove(value);
    return true;
  }

  private Set<String> update(@Nullable Map<String, String> now, Arrival at, RowChange.Update c) {
    Value whole = find(at.row, null);
    Map<String, String> previous = fields(c.before());
    Set<String> replaced = new HashSet<>();
    TupleReader reader = c.after().reader();
    while (reader.next()) {
      String f = schema.columns().get(reader.ordinal()).name();
      if (reader.tag() == FieldTag.VALUE) {
        String value = reader.value().toUtf8();
        if (whole != null) {
          patch(whole, f, value);
        } else if (now == null) {
          Value open = find(at.row, f);
          if (open != null) {
            open.hub = value;
            touch(open, null, at);
          }
        } else if (compares(now.get(f), previous.get(f)) || now.get(f).equals(value)) {
          now.put(f, value);
          values.remove(find(at.row, f));
          replaced.add(f);
        } else {
          keep(at, f, value, now.get(f));
        }
      } else if (reader.tag() == FieldTag.DELTA) {
        add(now, at.row, f, reader.value().toUtf8(), whole);
      }
    }
    if (whole != null) {
      touch(whole, copy(now), at);
    }
    return replaced;
  }

  private void add(
      @Nullable Map<String, String> now,
      int row,
      String field,
      String delta,
      @Nullable Value whole) {
    if (whole != null) {
      if (whole.hub instanceof Map<?, ?> image) {
        patch(whole, field, plus(String.valueOf(image.get(field)), delta));
      }
      return;
    }
    Value open = find(row, field);
    if (open != null) {
      open.hub = plus(String.valueOf(open.hub), delta);
    }
    if (now != null) {
      now.put(field, plus(now.get(field), delta));
      if (open != null) {
        open.seen = now.get(field);
      }
    }
  }

  private Set<String> whole(
      Map<Integer, Map<String, String>> rows,
      Arrival at,
      @Nullable Map<String, String> row,
      boolean compares) {
    if (!compares) {
      long low = at.low;
      for (Value v : List.copyOf(values)) {
        if (v.row == at.row && v.field != null) {
          low = Math.min(low, v.low);
          values.remove(v);
        }
      }
      keep(new Arrival(at.row, low, at.captured), null, row, copy(rows.get(at.row)));
      return Set.of();
    }
    values.removeIf(v -> v.row == at.row);
    put(rows, at.row, row);
    Set<String> all = new HashSet<>(Set.of("#"));
    schema.columns().stream().skip(1).forEach(c -> all.add(c.name()));
    return all;
  }

  private void keep(
      Arrival at, @Nullable String field, @Nullable Object hub, @Nullable Object seen) {
    Value open = find(at.row, field);
    if (open == null) {
      open = new Value(at.row, field, at.low);
      values.add(open);
    }
    open.low = Math.min(open.low, at.low);
    open.hub = hub;
    touch(open, seen, at);
  }

  private static void touch(Value value, @Nullable Object seen, Arrival at) {
    value.seen = seen;
    value.through = at.captured;
  }

  @SuppressWarnings("unchecked")
  private static void patch(Value whole, String field, String value) {
    if (whole.hub != null) {
      ((Map<String, String>) whole.hub).put(field, value);
    }
  }

  @SuppressWarnings("unchecked")
  private static void put(Map<Integer, Map<String, String>> rows, int row, @Nullable Object value) {
    if (value == null) {
      rows.remove(row);
    } else {
      rows.put(row, new LinkedHashMap<>((Map<String, String>) value));
    }
  }

  private @Nullable Value find(int row, @Nullable String field) {
    return values.stream()
        .filter(v -> v.row == row && Objects.equals(v.field, field))
        .findFirst()
        .orElse(null);
  }

  private boolean matches(Map<String, String> now, Tuple before) {
    Map<String, String> previous = fields(before);
    return now.entrySet().stream().allMatch(e -> compares(e.getValue(), previous.get(e.getKey())));
  }

  private static boolean compares(String now, @Nullable String previous) {
    return previous == null || now.equals(previous);
  }

  /** The fields that a tuple has a value for, the key aside. */
  private Map<String, String> fields(Tuple tuple) {
    Map<String, String> row = new LinkedHashMap<>();
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      if (reader.ordinal() > 0 && reader.tag() == FieldTag.VALUE) {
        row.put(schema.columns().get(reader.ordinal()).name(), reader.value().toUtf8());
      }
    }
    return row;
  }

  private static @Nullable Map<String, String> copy(@Nullable Map<String, String> row) {
    return row == null ? null : Map.copyOf(row);
  }

  private static String plus(String a, String b) {
    return new BigInteger(a).add(new BigInteger(b)).toString();
  }

  private static Bytes key(int row) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(Bytes.utf8(String.valueOf(row)));
    return sink.toBytes();
  }
}
