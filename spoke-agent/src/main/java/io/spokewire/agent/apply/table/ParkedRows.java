package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.ParkReason;
import io.spokewire.agent.apply.RefusedRow;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows that are set aside in this database, on one connection: {@code spokewire.parked}, and in
 * memory which keys and tables wait and since which position.
 *
 * <p>Every change goes to the table first, in the caller's transaction; after a rollback the caller
 * calls {@link #reload()}. In memory there is one small entry for each waiting key.
 */
final class ParkedRows {
  /** More waiting keys than this in one table, and the marker names the table as a whole. */
  private static final int KEYS_IN_MARKER = 1_000;

  private static final int REFUSED_AT_ONCE = 200;

  private static final String SELECT =
      "SELECT id, table_name, \"change\", reason, low, position, acknowledged, seen_missing_at"
          + " FROM spokewire.parked WHERE ";

  private final Connection connection;
  private final StoredShapes shapes;
  private final SchemaBook schemas;
  private final Map<TableName, Map<Bytes, Long>> keys = new HashMap<>();
  private final Map<TableName, Long> tables = new HashMap<>();
  private long count;
  private long suspects;
  private @Nullable Long oldestSuspect;

  ParkedRows(Connection connection, StoredShapes shapes, SchemaBook schemas) throws SQLException {
    this.connection = connection;
    this.shapes = shapes;
    this.schemas = schemas;
    reload();
  }

  /** Reads from the database what waits. */
  void reload() throws SQLException {
    keys.clear();
    tables.clear();
    count = 0;
    suspects = 0;
    oldestSuspect = null;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT table_name, \"key\", new_key, reason, low, acknowledged FROM spokewire.parked"
                  + " ORDER BY id")) {
        while (row.next()) {
          byte[] newKey = row.getBytes(3);
          note(
              new TableName(row.getString(1)),
              Bytes.wrap(row.getBytes(2)),
              newKey == null ? null : Bytes.wrap(newKey),
              ParkReason.parse(row.getString(4)),
              row.getLong(5),
              row.getLong(6));
        }
      }
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  long count() {
    return count;
  }

  long suspects() {
    return suspects;
  }

  Optional<Long> oldestSuspect() {
    return Optional.ofNullable(oldestSuspect);
  }

  /** Whether the change must wait: its table does, or one of its keys. */
  boolean holds(TableName table, RowChange change) {
    if (count == 0) {
      return false;
    }
    if (tables.containsKey(table)) {
      return true;
    }
    Map<Bytes, Long> waiting = keys.get(table);
    return waiting != null && ParkedChange.keysOf(change).stream().anyMatch(waiting::containsKey);
  }

  boolean holdsTable(TableName table) {
    return tables.containsKey(table);
  }

  /** What the database has not seen of the positions that its markers name. */
  List<Context.Unseen> unseen() {
    List<Context.Unseen> unseen = new ArrayList<>();
    tables.forEach((table, low) -> unseen.add(new Context.Unseen(table, null, low)));
    keys.forEach(
        (table, waiting) -> {
          long ofTable = tables.getOrDefault(table, Long.MAX_VALUE);
          if (waiting.size() > KEYS_IN_MARKER) {
            long lowest = waiting.values().stream().mapToLong(Long::longValue).min().orElse(0);
            unseen.add(new Context.Unseen(table, null, lowest));
            return;
          }
          waiting.forEach(
              (key, low) -> {
                if (low < ofTable) {
                  unseen.add(new Context.Unseen(table, key, low));
                }
              });
        });
    return List.copyOf(unseen);
  }

  /**
   * Sets a change aside, behind those of its keys that wait already.
   *
   * @param low the last position seen by the change's keys
   */
  void park(
      TableName table,
      RowChange change,
      ParkReason reason,
      long low,
      long position,
      long acknowledged,
      long seenMissingAt,
      String error,
      String sqlState)
      throws SQLException {
    shapes.store(schemas.get(change.schema()));
    List<Bytes> changed = ParkedChange.keysOf(change);
    Bytes key = changed.isEmpty() ? Bytes.EMPTY : changed.getFirst();
    Bytes newKey = changed.size() > 1 ? changed.get(1) : null;
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.parked (table_name, \"key\", new_key, reason, operation,"
                + " \"change\", schema_id, low, position, acknowledged, seen_missing_at, error,"
                + " \"sqlstate\")"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, table.name());
      insert.setBytes(2, key.toByteArray());
      insert.setBytes(3, newKey == null ? null : newKey.toByteArray());
      insert.setString(4, reason.text());
      insert.setString(5, operation(change));
      insert.setBytes(6, RowBlock.of(change).bytes().toByteArray());
      insert.setLong(7, change.schema().value());
      insert.setLong(8, low);
      insert.setLong(9, position);
      insert.setLong(10, acknowledged);
      insert.setLong(11, seenMissingAt);
      insert.setString(12, error);
      insert.setString(13, sqlState);
      insert.executeUpdate();
    }
    note(
        table,
        key.detached(),
        newKey == null ? null : newKey.detached(),
        reason,
        low,
        acknowledged);
  }

  /**
   * The low position of a key that waits, if all that waits for it is this key alone: then a
   * complete row or a delete makes the waiting changes void. Empty if a key change links it.
   */
  Optional<Long> lowIfAlone(TableName table, Bytes key) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT min(low), count(new_key) FROM spokewire.parked"
                + " WHERE table_name = ? AND (\"key\" = ? OR new_key = ?)")) {
      query.setString(1, table.name());
      query.setBytes(2, key.toByteArray());
      query.setBytes(3, key.toByteArray());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        long low = row.getLong(1);
        return row.wasNull() || row.getLong(2) > 0 ? Optional.empty() : Optional.of(low);
      }
    }
  }

  /** Takes out every change that waits for this key; {@link #reload()} follows. */
  void removeKey(TableName table, Bytes key) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM spokewire.parked WHERE table_name = ? AND \"key\" = ?")) {
      delete.setString(1, table.name());
      delete.setBytes(2, key.toByteArray());
      delete.executeUpdate();
    }
  }

  /** Takes out every change of a table's rows, but for some; {@link #reload()} follows. */
  void removeAllBut(TableName table, List<RowKey> survivors) throws SQLException {
    Set<Bytes> kept = new HashSet<>();
    survivors.forEach(key -> kept.add(key.bytes()));
    List<Long> gone = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT id, \"key\", new_key FROM spokewire.parked WHERE table_name = ?")) {
      query.setString(1, table.name());
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          byte[] newKey = row.getBytes(3);
          if (!kept.contains(Bytes.wrap(row.getBytes(2)))
              && (newKey == null || !kept.contains(Bytes.wrap(newKey)))) {
            gone.add(row.getLong(1));
          }
        }
      }
    }
    for (long id : gone) {
      remove(id);
    }
  }

  /** Takes one change out; {@link #reload()} follows. */
  void remove(long id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM spokewire.parked WHERE id = ?")) {
      delete.setLong(1, id);
      delete.executeUpdate();
    }
  }

  /** Notes another attempt that failed. */
  void failedAgain(long id, ParkReason reason, String error, String sqlState) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE spokewire.parked SET reason = ?, error = ?, \"sqlstate\" = ?,"
                + " attempts = attempts + 1 WHERE id = ?")) {
      update.setString(1, reason.text());
      update.setString(2, error);
      update.setString(3, sqlState);
      update.setLong(4, id);
      update.executeUpdate();
    }
  }

  /** The changes after {@code afterId}, at most {@code limit}, in the order in which they came. */
  List<ParkedChange> after(long afterId, int limit) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(SELECT + "id > ? ORDER BY id LIMIT ?")) {
      query.setLong(1, afterId);
      query.setInt(2, limit);
      return read(query);
    }
  }

  /** Rows that break a constraint (SQLSTATE class 23), the oldest first. */
  List<RefusedRow> refused() throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT id, table_name, \"key\", position, error FROM spokewire.parked"
                + " WHERE reason = ? AND \"sqlstate\" LIKE '23%' ORDER BY id LIMIT ?")) {
      query.setString(1, ParkReason.REFUSED.text());
      query.setInt(2, REFUSED_AT_ONCE);
      List<RefusedRow> refused = new ArrayList<>();
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          refused.add(
              new RefusedRow(
                  row.getLong(1),
                  new TableName(row.getString(2)),
                  new RowKey(Bytes.wrap(row.getBytes(3))),
                  row.getLong(4),
                  row.getString(5)));
        }
      }
      return refused;
    }
  }

  /** Every change that touches this key, in the order in which they came. */
  List<ParkedChange> ofKey(TableName table, Bytes key) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            SELECT + "table_name = ? AND (\"key\" = ? OR new_key = ?) ORDER BY id")) {
      query.setString(1, table.name());
      query.setBytes(2, key.toByteArray());
      query.setBytes(3, key.toByteArray());
      return read(query);
    }
  }

  private static List<ParkedChange> read(PreparedStatement query) throws SQLException {
    List<ParkedChange> found = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        found.add(
            new ParkedChange(
                row.getLong(1),
                new TableName(row.getString(2)),
                new RowBlock(Bytes.wrap(row.getBytes(3)), 1).iterator().next(),
                ParkReason.parse(row.getString(4)),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8)));
      }
    }
    return found;
  }

  private void note(
      TableName table,
      Bytes key,
      @Nullable Bytes newKey,
      ParkReason reason,
      long low,
      long acknowledged) {
    count++;
    if (reason == ParkReason.SCHEMA) {
      tables.merge(table, low, Math::min);
    }
    Map<Bytes, Long> waiting = keys.computeIfAbsent(table, t -> new HashMap<>());
    waiting.merge(key, low, Math::min);
    if (newKey != null) {
      waiting.merge(newKey, low, Math::min);
    }
    if (reason == ParkReason.SUSPECT) {
      suspects++;
      oldestSuspect = oldestSuspect == null ? acknowledged : Math.min(oldestSuspect, acknowledged);
    }
  }

  private static String operation(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> "insert";
      case RowChange.Update c -> "update";
      case RowChange.KeyChange c -> "key_change";
      case RowChange.Delete c -> "delete";
      case RowChange.Truncate c -> "truncate";
    };
  }
}
