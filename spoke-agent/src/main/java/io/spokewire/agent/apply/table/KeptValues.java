package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.HubState;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of the hub's values is kept off this database, on one connection: {@code
 * spokewire.exception}, and the same in memory.
 *
 * <p>Every change goes to the table first, in the caller's transaction; after a rollback the caller
 * calls {@link #reload()}. The hub's value of an entry is always the hub's value at the checkpoint:
 * later changes of a row that is kept as a whole go into it.
 */
final class KeptValues {
  /** More values than this in one table, and the marker names the table as a whole. */
  private static final int VALUES_IN_MARKER = 200;

  private static final String WHOLE = ""; // as a field's name

  private static final String INSERT =
      "INSERT INTO spokewire.exception (low, marked_at, answered, \"change\", schema_id, seen,"
          + " table_name, \"key\", field) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String UPDATE =
      "UPDATE spokewire.exception SET low = ?, marked_at = ?, answered = ?, \"change\" = ?,"
          + " schema_id = ?, seen = ? WHERE table_name = ? AND \"key\" = ? AND field = ?";

  private final Connection connection;
  private final StoredShapes shapes;
  private final SchemaBook schemas;
  private final RowWriter writer;
  private final Map<TableName, Map<Bytes, List<KeptValue>>> rows = new HashMap<>();
  private long count;
  private long markedAt;

  KeptValues(Connection connection, StoredShapes shapes, SchemaBook schemas, RowWriter writer)
      throws SQLException {
    this.connection = connection;
    this.shapes = shapes;
    this.schemas = schemas;
    this.writer = writer;
    reload();
  }

  /** Reads from the database what is kept. */
  void reload() throws SQLException {
    rows.clear();
    count = 0;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT table_name, \"key\", field, low, marked_at, answered, \"change\", seen"
                    + " FROM spokewire.exception")) {
      while (row.next()) {
        String field = row.getString(3);
        KeptValue value =
            new KeptValue(
                new TableName(row.getString(1)),
                Bytes.wrap(row.getBytes(2)),
                field.isEmpty() ? null : field,
                row.getLong(4),
                new RowBlock(Bytes.wrap(row.getBytes(7)), 1).iterator().next());
        value.markedAt = row.getLong(5);
        value.answered = row.getBoolean(6);
        long seen = row.getLong(8);
        value.seen = row.wasNull() ? null : seen;
        value.stored = true;
        rows.computeIfAbsent(value.table, t -> new HashMap<>())
            .computeIfAbsent(value.key, k -> new ArrayList<>())
            .add(value);
        count++;
      }
    }
  }

  /** What is kept in this transaction has been met once capture has met this position. */
  void markedAt(long position) {
    markedAt = position;
  }

  boolean isEmpty() {
    return count == 0;
  }

  long count() {
    return count;
  }

  /** Whether something of this table is kept off. */
  boolean concerns(TableName table) {
    return rows.containsKey(table);
  }

  List<KeptValue> all() {
    List<KeptValue> all = new ArrayList<>();
    rows.values().forEach(keys -> keys.values().forEach(all::addAll));
    return all;
  }

  /** What the database has not seen of the positions that its markers name. */
  List<Context.Unseen> unseen() {
    List<Context.Unseen> unseen = new ArrayList<>();
    rows.forEach(
        (table, keys) -> {
          List<Context.Unseen> ofTable = new ArrayList<>();
          keys.values().forEach(values -> values.forEach(value -> ofTable.add(value.unseen())));
          if (ofTable.size() > VALUES_IN_MARKER) {
            long lowest = ofTable.stream().mapToLong(Context.Unseen::low).min().orElse(0);
            unseen.add(new Context.Unseen(table, null, lowest));
          } else {
            unseen.addAll(ofTable);
          }
        });
    return unseen;
  }

  /**
   * Whether the whole row is kept, so that the change is only noted here; notes it. Whole rows and
   * deletes are always tried.
   */
  boolean takes(Run run, PlannedRow row) throws SQLException {
    if (run.operation() != Run.Operation.UPDATE || !concerns(run.table())) {
      return false;
    }
    RowChange.Update change = (RowChange.Update) row.change();
    KeptValue whole = find(run.table(), change.key().bytes(), null);
    if (whole == null) {
      return false;
    }
    whole.hub = HubState.after(whole.hub, change);
    mark(whole, row);
    return true;
  }

  /** Notes what a statement did to rows of a run. */
  void note(Run run, List<PlannedRow> given, RowWriter.Written written) throws SQLException {
    Map<Bytes, RowWriter.KeptRow> kept = new HashMap<>();
    written.kept().forEach(k -> kept.put(keyOf(k.row().change()), k));
    if (concerns(run.table())) {
      for (PlannedRow row : given) {
        for (Bytes key : ParkedChange.keysOf(row.change())) {
          noteTried(run, row, key, kept.get(key), written.missing().contains(row));
        }
      }
    }
    for (RowWriter.KeptRow one : written.kept()) {
      keep(run.schema(), one);
    }
  }

  /** Ends what is kept of a table's rows, but for some: the database has what the hub has. */
  void removeAllBut(TableName table, List<RowKey> survivors) throws SQLException {
    Set<Bytes> kept = new HashSet<>();
    survivors.forEach(key -> kept.add(key.bytes()));
    for (KeptValue value : all()) {
      if (value.table.equals(table) && !kept.contains(value.key)) {
        remove(value);
      }
    }
  }

  /** Ends what is kept of a row as far as the hub's value was written. */
  private void noteTried(
      Run run, PlannedRow row, Bytes key, RowWriter.@Nullable KeptRow kept, boolean isMissing)
      throws SQLException {
    for (KeptValue value : List.copyOf(of(run.table(), key))) {
      if (row.change() instanceof RowChange.Update change) {
        int ordinal = value.field == null ? -1 : run.schema().ordinalOf(value.field);
        if (ordinal < 0 || !run.written().writes(ordinal)) {
          continue;
        }
        if (isMissing || run.written().adds(ordinal)) {
          value.hub = HubState.after(value.hub, HubState.ofField(change, ordinal));
          mark(value, row);
        } else if (kept == null || !kept.fields().contains(ordinal)) {
          remove(value);
        }
      } else if (kept == null && !isMissing) {
        remove(value);
      }
    }
  }

  private void keep(TableSchema schema, RowWriter.KeptRow kept) throws SQLException {
    PlannedRow row = kept.row();
    Bytes key = keyOf(row.change());
    if (kept.fields().isEmpty()) {
      KeptValue whole = open(schema, key, null, row, HubState.ofRow(row.change()));
      for (KeptValue part : List.copyOf(of(schema.table(), key))) {
        if (part != whole) {
          whole.low = Math.min(whole.low, part.low);
          whole.answered |= part.answered;
          remove(part);
        }
      }
      mark(whole, row);
      return;
    }
    RowChange.Update change = (RowChange.Update) row.change();
    for (int ordinal : kept.fields()) {
      String field = schema.columns().get(ordinal).name();
      mark(open(schema, key, field, row, HubState.ofField(change, ordinal)), row);
    }
  }

  private KeptValue open(
      TableSchema schema, Bytes key, @Nullable String field, PlannedRow row, RowChange hub) {
    KeptValue value = find(schema.table(), key, field);
    if (value == null) {
      value = new KeptValue(schema.table(), key.detached(), field, row.first() - 1, hub);
      rows.computeIfAbsent(value.table, t -> new HashMap<>())
          .computeIfAbsent(value.key, k -> new ArrayList<>())
          .add(value);
      count++;
    }
    value.hub = hub;
    return value;
  }

  /** The value stays kept, for the reason that the database has now. */
  private void mark(KeptValue value, PlannedRow row) throws SQLException {
    value.answered |= row.own();
    look(value);
  }

  /** Notes what the database holds now instead. */
  void look(KeptValue value) throws SQLException {
    value.seen = seen(value);
    value.markedAt = markedAt;
    value.through = null;
    value.hub = detached(value.hub);
    TableSchema schema = schemas.get(value.hub.schema());
    shapes.store(schema);
    put(value, schema);
  }

  private void put(KeptValue value, TableSchema schema) throws SQLException {
    if (!value.stored || put(UPDATE, value, schema) == 0) {
      put(INSERT, value, schema);
      value.stored = true;
    }
  }

  private int put(String sql, KeptValue value, TableSchema schema) throws SQLException {
    try (PreparedStatement put = connection.prepareStatement(sql)) {
      put.setLong(1, value.low);
      put.setLong(2, value.markedAt);
      put.setBoolean(3, value.answered);
      put.setBytes(4, RowBlock.of(value.hub).bytes().toByteArray());
      put.setLong(5, schema.id().value());
      put.setObject(6, value.seen, Types.BIGINT);
      put.setString(7, value.table.name());
      put.setBytes(8, value.key.toByteArray());
      put.setString(9, value.field == null ? WHOLE : value.field);
      return put.executeUpdate();
    }
  }

  /** Stands for what the database holds now; null for no row. Locks the row. */
  @Nullable Long seen(KeptValue value) throws SQLException {
    return writer.look(schemas.get(value.hub.schema()), new RowKey(value.key), value.field);
  }

  /** Nothing is kept any more. */
  void remove(KeptValue value) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM spokewire.exception"
                + " WHERE table_name = ? AND \"key\" = ? AND field = ?")) {
      delete.setString(1, value.table.name());
      delete.setBytes(2, value.key.toByteArray());
      delete.setString(3, value.field == null ? WHOLE : value.field);
      delete.executeUpdate();
    }
    Map<Bytes, List<KeptValue>> keys = rows.getOrDefault(value.table, Map.of());
    List<KeptValue> values = keys.getOrDefault(value.key, List.of());
    if (values.remove(value)) {
      count--;
    }
    if (values.isEmpty()) {
      keys.remove(value.key);
    }
    if (keys.isEmpty()) {
      rows.remove(value.table);
    }
  }

  private List<KeptValue> of(TableName table, Bytes key) {
    return rows.getOrDefault(table, Map.of()).getOrDefault(key, List.of());
  }

  private @Nullable KeptValue find(TableName table, Bytes key, @Nullable String field) {
    for (KeptValue value : of(table, key)) {
      if (Objects.equals(value.field, field)) {
        return value;
      }
    }
    return null;
  }

  private static Bytes keyOf(RowChange change) {
    return ParkedChange.keysOf(change).getFirst();
  }

  private static RowChange detached(RowChange change) {
    return RowBlock.of(change).iterator().next();
  }
}
