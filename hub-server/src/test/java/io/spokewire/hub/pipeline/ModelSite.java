package io.spokewire.hub.pipeline;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.SpokeDelivery;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A site with a database in memory, whose tables have text columns and their key first. It applies
 * what it is sent without asking constraints, and notes where a unique one was broken.
 */
final class ModelSite {
  final FakeAgent agent;
  final List<String> violations = new ArrayList<>();
  private final List<TableDescription> tables;
  private final Map<SchemaId, TableDescription> byShape = new HashMap<>();
  private final Map<SchemaId, TreeMap<String, Field[]>> rows = new HashMap<>();
  private @Nullable RowBlockWriter open;
  private int received;

  ModelSite(HubHarness hub, SpokeId spoke, List<TableDescription> tables) {
    this.tables = tables;
    for (TableDescription table : tables) {
      byShape.put(table.schema().id(), table);
      rows.put(table.schema().id(), new TreeMap<>());
    }
    agent = hub.spoke(spoke, Direction.BOTH);
    agent.tables(tables);
    agent.attach(true);
  }

  void attachAgain() {
    received = 0;
    agent.hello().confirm();
    agent.report(true);
  }

  // ---- what users do

  void begin() {
    open = new RowBlockWriter();
  }

  void commit() {
    RowBlockWriter block = open;
    open = null;
    if (block != null) {
      agent.commit(block.toBlock());
    }
  }

  void insert(TableSchema table, @Nullable String... values) {
    Field[] row = fields(values);
    put(table, row);
    write(new RowChange.Insert(table.id(), keyOf(row), tuple(row)));
  }

  void update(TableSchema table, String id, String column, @Nullable String value) {
    Field[] before = row(table, id);
    Field[] after = before.clone();
    int ordinal = table.ordinalOf(column);
    after[ordinal] = field(value);
    put(table, after);
    write(
        new RowChange.Update(
            table.id(), keyOf(before), only(before, ordinal), only(after, ordinal)));
  }

  void delete(TableSchema table, String id) {
    Field[] before = row(table, id);
    rows.get(table.id()).remove(id);
    write(new RowChange.Delete(table.id(), keyOf(before), tuple(before)));
  }

  void renumber(TableSchema table, String id, String newId) {
    Field[] before = row(table, id);
    Field[] after = before.clone();
    after[0] = field(newId);
    rows.get(table.id()).remove(id);
    put(table, after);
    write(
        new RowChange.KeyChange(
            table.id(), keyOf(before), keyOf(after), tuple(before), tuple(after)));
  }

  void truncate(TableSchema table) {
    rows.get(table.id()).clear();
    write(new RowChange.Truncate(table.id()));
  }

  private void write(RowChange change) {
    if (open != null) {
      open.put(change);
    } else {
      agent.commit(new RowBlockWriter().put(change).toBlock());
    }
  }

  // ---- what the hub sends

  /** Applies all that came, and shows that it has. */
  void receive() {
    List<DeliveryBatch> batches = agent.session.batches;
    while (received < batches.size()) {
      for (SpokeDelivery delivery : batches.get(received++).deliveries()) {
        delivery.rows().forEach(this::apply);
        noteViolations(delivery.position());
      }
    }
    agent.applyAll();
  }

  private void apply(RowChange change) {
    Map<String, Field[]> table = rows.get(change.schema());
    switch (change) {
      case RowChange.Insert c -> table.put(id(c.key()), fields(c.after()));
      case RowChange.Update c -> patch(table.get(id(c.key())), c.after());
      case RowChange.Delete c -> table.remove(id(c.key()));
      case RowChange.KeyChange c -> {
        table.remove(id(c.oldKey()));
        table.put(id(c.newKey()), fields(c.after()));
      }
      case RowChange.Truncate c -> {
        table.keySet().retainAll(c.survivors().stream().map(ModelSite::id).toList());
      }
    }
  }

  private static void patch(Field @Nullable [] row, Tuple after) {
    TupleReader reader = after.reader();
    while (row != null && reader.next()) {
      Field held = row[reader.ordinal()];
      row[reader.ordinal()] =
          switch (reader.tag()) {
            case VALUE, NULL -> reader.field();
            case DELTA ->
                field(
                    new BigDecimal(held.value().toUtf8())
                        .add(new BigDecimal(reader.value().toUtf8()))
                        .toPlainString());
            case UNCHANGED, ABSENT, PREVIOUS -> held;
          };
    }
  }

  private void noteViolations(long position) {
    for (TableDescription table : tables) {
      for (TableDescription.UniqueSet set : table.uniqueSets()) {
        int ordinal = table.schema().ordinalOf(set.columns().getFirst());
        Set<Field> seen = new HashSet<>();
        for (Field[] row : rows.get(table.schema().id()).values()) {
          if (!row[ordinal].isNull() && !seen.add(row[ordinal])) {
            violations.add(set.name() + " at " + position);
          }
        }
      }
    }
  }

  // ---- what is there

  /** Each row's values joined by {@code |}, in the order of their keys; NULL is nothing. */
  List<String> rows(TableSchema table) {
    return rows.get(table.id()).values().stream().map(row -> text(tuple(row))).toList();
  }

  static String text(Tuple tuple) {
    return String.join(
        "|",
        Arrays.stream(fields(tuple))
            .map(f -> f.tag() == FieldTag.VALUE ? f.value().toUtf8() : "")
            .toList());
  }

  static String text(FieldImage image) {
    return text(tuple(image.value()));
  }

  static Tuple row(@Nullable String... values) {
    return tuple(fields(values));
  }

  static RowKey key(String id) {
    return keyOf(fields(id));
  }

  private Field[] row(TableSchema table, String id) {
    Field[] row = rows.get(table.id()).get(id);
    if (row == null) {
      throw new AssertionError("no row " + id + " in " + table.table());
    }
    return row;
  }

  private void put(TableSchema table, Field[] row) {
    rows.get(table.id()).put(row[0].value().toUtf8(), row);
  }

  private static String id(RowKey key) {
    return fields(key.asTuple())[0].value().toUtf8();
  }

  private static RowKey keyOf(Field[] row) {
    return new RowKey(tuple(row[0]).bytes());
  }

  private static Field[] fields(@Nullable String... values) {
    return Arrays.stream(values).map(ModelSite::field).toArray(Field[]::new);
  }

  private static Field field(@Nullable String value) {
    return value == null ? Field.NULL : Field.ofValue(Bytes.utf8(value));
  }

  private static Field[] fields(Tuple tuple) {
    List<Field> fields = new ArrayList<>();
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      fields.add(reader.field());
    }
    return fields.toArray(Field[]::new);
  }

  private static Tuple tuple(Field... row) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (Field field : row) {
      writer.put(field);
    }
    return new Tuple(sink.toBytes());
  }

  private static Tuple only(Field[] row, int ordinal) {
    Field[] some = new Field[row.length];
    Arrays.fill(some, Field.UNCHANGED);
    some[ordinal] = row[ordinal];
    return tuple(some);
  }
}
