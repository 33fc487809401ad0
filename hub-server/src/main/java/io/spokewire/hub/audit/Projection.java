package io.spokewire.hub.audit;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.log.ConflictCodec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What log entries do to the table {@code sync_conflicts}. Used by one thread. */
final class Projection {
  private static final String RULE =
      "UPDATE sync_conflicts SET state = ?, decided_by = ?, decided_at = ?, decided_value = ?,"
          + " decided_reason = ?"
          + " WHERE incarnation = ? AND channel = ? AND position = ? AND ordinal = ?";

  private final SchemaBook schemas;
  private final ConflictRow rows;

  Projection(SchemaBook schemas) {
    this.schemas = schemas;
    this.rows = new ConflictRow(schemas);
  }

  static int conflicts(List<LogEntry> entries) {
    int conflicts = 0;
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Outcome outcome) {
        conflicts += outcome.conflicts().size();
      }
    }
    return conflicts;
  }

  /** The latest commit among these entries and before them. */
  static Instant latest(List<LogEntry> entries, Instant before) {
    Instant latest = before;
    for (LogEntry entry : entries) {
      latest = latest(entry, latest);
    }
    return latest;
  }

  static Instant latest(LogEntry entry, Instant before) {
    if (entry instanceof LogEntry.Outcome outcome) {
      Instant commit = outcome.transaction().time().toInstant();
      return commit.isAfter(before) ? commit : before;
    }
    return before;
  }

  /**
   * Writes the conflicts and rulings of entries.
   *
   * @param lastId the last id given out
   * @param before the latest commit before these entries
   */
  void write(Connection connection, List<LogEntry> entries, long lastId, Instant before)
      throws SQLException {
    long id = lastId;
    Instant latest = before;
    try (PreparedStatement insert = connection.prepareStatement(ConflictRow.INSERT)) {
      boolean pending = false;
      for (LogEntry entry : entries) {
        latest = latest(entry, latest);
        if (entry instanceof LogEntry.Outcome outcome) {
          int ordinal = 0;
          for (ConflictRecord conflict : outcome.conflicts()) {
            rows.bind(
                insert, ++id, latest, new ConflictId(outcome.position(), ordinal++), conflict);
            insert.addBatch();
            pending = true;
          }
        } else if (entry instanceof LogEntry.Ruling ruling) {
          if (pending) { // it may be about one of them
            insert.executeBatch();
            pending = false;
          }
          rule(connection, ruling);
        }
      }
      if (pending) {
        insert.executeBatch();
      }
    }
  }

  /** Conflicts that were pruned since are no longer there to be ruled on. */
  private void rule(Connection connection, LogEntry.Ruling ruling) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(RULE)) {
      for (LogEntry.Ruled ruled : ruling.conflicts()) {
        Position at = ruled.conflict().position();
        Optional<String> value = shown(connection, ruled);
        update.setString(1, ruling.verdict().name().toLowerCase(Locale.ROOT));
        update.setString(2, ruling.by());
        update.setString(3, ConflictRow.text(ruling.time().toInstant()));
        update.setString(4, value.orElse(null));
        update.setString(5, ruling.reason());
        update.setString(6, at.incarnation().toString());
        update.setString(7, at.channel().name());
        update.setLong(8, at.number());
        update.setInt(9, ruled.conflict().ordinal());
        update.executeUpdate();
      }
    }
  }

  private Optional<String> shown(Connection connection, LogEntry.Ruled ruled) throws SQLException {
    Position at = ruled.conflict().position();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT exact FROM sync_conflicts"
                + " WHERE incarnation = ? AND channel = ? AND position = ? AND ordinal = ?")) {
      statement.setString(1, at.incarnation().toString());
      statement.setString(2, at.channel().name());
      statement.setLong(3, at.number());
      statement.setInt(4, ruled.conflict().ordinal());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? shown(new ConflictCodec(at).open(row.getBytes(1)), ruled.value())
            : Optional.empty();
      }
    }
  }

  /** A log that came before this one may know shapes that this one does not. */
  private Optional<String> shown(ConflictRecord conflict, FieldImage value) {
    if (schemas.contains(conflict.schema())) {
      return ReadableValue.of(schemas.get(conflict.schema()), conflict.field(), value);
    }
    Field field = value.value();
    return field.isPresent() && !field.isNull()
        ? Optional.of("0x" + field.value().toHex())
        : Optional.empty();
  }
}
