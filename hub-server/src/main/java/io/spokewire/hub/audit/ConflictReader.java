package io.spokewire.hub.audit;

import io.spokewire.hub.audit.ConflictCounts.Dimension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The questions to the table {@code sync_conflicts}. Ids and times ascend together, so a time is
 * first turned into an id: then every filter walks its own index from the newest on and stops when
 * the page is full.
 */
final class ConflictReader {
  private static final int MOST_COUNTS = 10_000;
  private static final String COUNTED =
      "\"table\", field, kind, resolution, source_spoke, target_spoke, state";

  ConflictReader() {}

  Optional<AuditedConflict> find(Connection connection, long id) throws SQLException {
    return read(connection, "SELECT * FROM sync_conflicts", new Condition().and("id = ?", id), "")
        .stream()
        .findFirst();
  }

  List<AuditedConflict> find(Connection connection, ConflictQuery query) throws SQLException {
    ConflictFilter filter = query.filter();
    Condition condition = new Condition();
    if (filter.since().isPresent()) {
      OptionalLong first = firstSince(connection, filter.since().get());
      if (first.isEmpty()) {
        return List.of();
      }
      condition.and("id >= ?", first.getAsLong());
    }
    long before = query.before();
    if (filter.until().isPresent()) {
      before = Math.min(before, firstSince(connection, filter.until().get()).orElse(before));
    }
    condition.and("id < ?", before);
    restrict(condition, filter);
    String page = " ORDER BY id DESC LIMIT " + query.limit();
    if (filter.spoke().isEmpty()) {
      return read(connection, "SELECT * FROM sync_conflicts", condition, page);
    }
    return ofSpoke(connection, condition, filter.spoke().get().name(), page);
  }

  ConflictCounts count(Connection connection, ConflictFilter filter, List<Dimension> by)
      throws SQLException {
    Condition condition = new Condition();
    filter.since().ifPresent(i -> condition.and("\"timestamp\" >= ?", ConflictRow.text(i)));
    filter.until().ifPresent(i -> condition.and("\"timestamp\" < ?", ConflictRow.text(i)));
    restrict(condition, filter);
    filter
        .spoke()
        .ifPresent(
            spoke ->
                condition.and(
                    "(source_spoke = ? OR target_spoke = ?)", spoke.name(), spoke.name()));
    String groups = by.stream().map(Dimension::expression).collect(Collectors.joining(", "));
    String places =
        IntStream.rangeClosed(1, by.size())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(", "));
    boolean overTime = by.stream().anyMatch(Dimension::isTime);
    String sql =
        "SELECT "
            + groups
            + ", SUM(conflicts), SUM(CASE WHEN state = 'open' THEN conflicts ELSE 0 END)"
            + " FROM ("
            + (overTime ? each(condition) : alike(condition))
            + ") AS alike GROUP BY "
            + places
            + " ORDER BY "
            + (overTime ? timeFirst(by) : (by.size() + 1) + " DESC, " + places)
            + " LIMIT "
            + MOST_COUNTS;
    List<ConflictCounts.Row> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      condition.bind(statement, 1);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          List<String> values = new ArrayList<>();
          for (int i = 0; i < by.size(); i++) {
            values.add(row.getString(i + 1));
          }
          rows.add(
              new ConflictCounts.Row(
                  values, row.getLong(by.size() + 1), row.getLong(by.size() + 2)));
        }
      }
    }
    return new ConflictCounts(by, rows);
  }

  /** Those that are alike, in the order of one index: few are left to be grouped. */
  private static String alike(Condition condition) {
    return "SELECT "
        + COUNTED
        + ", COUNT(*) AS conflicts FROM sync_conflicts"
        + condition.where()
        + " GROUP BY "
        + COUNTED;
  }

  private static String each(Condition condition) {
    return "SELECT "
        + COUNTED
        + ", \"timestamp\", 1 AS conflicts FROM sync_conflicts"
        + condition.where();
  }

  long countSince(Connection connection, Instant since) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT COUNT(*) FROM sync_conflicts WHERE \"timestamp\" >= ?")) {
      statement.setString(1, ConflictRow.text(since));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** The latest first, then the largest. */
  private static String timeFirst(List<Dimension> by) {
    return IntStream.range(0, by.size())
            .filter(i -> by.get(i).isTime())
            .mapToObj(i -> (i + 1) + " DESC")
            .collect(Collectors.joining(", "))
        + ", "
        + (by.size() + 1)
        + " DESC";
  }

  /** On either side: each side has an index of its own, and neither serves both. */
  private static List<AuditedConflict> ofSpoke(
      Connection connection, Condition condition, String spoke, String page) throws SQLException {
    Condition asSource = condition.copy().and("source_spoke = ?", spoke);
    Condition asTarget =
        condition.copy().and("target_spoke = ?", spoke).and("source_spoke <> ?", spoke);
    String sql =
        "SELECT * FROM sync_conflicts WHERE id IN (SELECT id FROM (SELECT id FROM sync_conflicts"
            + asSource.where()
            + page
            + ") AS arriving UNION ALL SELECT id FROM (SELECT id FROM sync_conflicts"
            + asTarget.where()
            + page
            + ") AS met)"
            + page;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      asTarget.bind(statement, asSource.bind(statement, 1));
      return read(statement);
    }
  }

  private static void restrict(Condition condition, ConflictFilter filter) {
    filter.table().ifPresent(table -> condition.and("\"table\" = ?", table.name()));
    filter.key().ifPresent(key -> restrictToKey(condition, key));
    filter.field().ifPresent(field -> condition.and("field = ?", field));
    filter.strategy().ifPresent(strategy -> condition.and("resolution = ?", strategy));
    filter.kind().ifPresent(kind -> condition.and("kind = ?", kind.label()));
    filter.state().ifPresent(state -> condition.and("state = ?", state.label()));
  }

  private static void restrictToKey(Condition condition, String key) {
    Optional<String> json = JsonText.normalised(key);
    String text = json.isPresent() ? JsonText.values(key) : key;
    condition.and("key_start = ?", ConflictRow.keyStart(text));
    if (json.isPresent()) {
      condition.and("\"key\" = ?", json.get());
    } else {
      condition.and("key_text = ?", key);
    }
  }

  /** The first id found at this time or later. */
  private static OptionalLong firstSince(Connection connection, Instant time) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT id FROM sync_conflicts WHERE \"timestamp\" >= ?"
                + " ORDER BY \"timestamp\", id LIMIT 1")) {
      statement.setString(1, ConflictRow.text(time));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  private static List<AuditedConflict> read(
      Connection connection, String select, Condition condition, String page) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(select + condition.where() + page)) {
      condition.bind(statement, 1);
      return read(statement);
    }
  }

  private static List<AuditedConflict> read(PreparedStatement statement) throws SQLException {
    List<AuditedConflict> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(ConflictRow.read(row));
      }
    }
    return found;
  }
}
