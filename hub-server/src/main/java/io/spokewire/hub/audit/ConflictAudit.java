package io.spokewire.hub.audit;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The table {@code sync_conflicts}: one row per conflicting field, projected from the log.
 *
 * <p>{@link #project} writes the records of a run of entries and how far it got in one durable
 * transaction, so that each conflict is there exactly once however often a run is repeated and
 * wherever the process dies. What is projected may be trimmed from the log.
 *
 * <p>Threading: {@code project} by one thread; everything else by any.
 *
 * <p>Errors: {@link Fault}; a locked file and a full disk heal by themselves.
 */
public final class ConflictAudit implements AutoCloseable {
  private static final String PROJECT = "project conflicts into the audit";
  private static final String READ = "read the conflict audit";

  /** Of one width, so that text order is time order. */
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private static final String INSERT =
      """
      INSERT INTO sync_conflicts (id, "timestamp", "table", "key", field, kind, base_value,
        source_spoke, source_value, target_spoke, target_value, resolution, result, position,
        source_clock, target_clock, rule_version, incarnation, channel, ordinal, schema_id,
        value_type, key_text, key_exact, source_sequence, target_sequence, base_exact,
        source_exact, target_exact, result_exact)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        ?, ?)
      """;

  private final AuditDatabase database;
  private final SchemaBook schemas;
  private final Map<Log, Long> projected = new ConcurrentHashMap<>();

  private ConflictAudit(AuditDatabase database, SchemaBook schemas) {
    this.database = database;
    this.schemas = schemas;
  }

  /**
   * Opens the audit in this file, which is made if it does not exist.
   *
   * @param schemas the shapes of the rows whose conflicts will be projected
   */
  public static ConflictAudit open(Path file, SchemaBook schemas) {
    AuditDatabase database = AuditDatabase.open(file);
    ConflictAudit audit = new ConflictAudit(database, schemas);
    try {
      audit.loadProjected();
    } catch (SQLException e) {
      database.close();
      throw database.failed(READ, e);
    }
    return audit;
  }

  /**
   * Up to where this log is projected, durably; number 0 before the first time. The log must not be
   * trimmed beyond it.
   *
   * @param log any position of the log that is asked about
   */
  public Position projectedThrough(Position log) {
    return log.at(projected.getOrDefault(Log.of(log), 0L));
  }

  /** Whether anything of this log was projected yet. */
  public boolean knows(Position log) {
    return projected.containsKey(Log.of(log));
  }

  /**
   * Begins a log somewhere else than at its first entry: what is at or before this position will
   * never be projected. Only for an audit that does not know the log yet.
   */
  public void beginAfter(Position position) {
    if (knows(position)) {
      throw Fault.invariant("audit", "begins " + position + " in a log it has projected before");
    }
    write(List.of(), position);
  }

  /**
   * Writes the conflicts of these entries and moves {@link #projectedThrough} to the last of them,
   * all or nothing, durable at the return. Entries projected before are skipped.
   *
   * @param entries of one log, in order and without a gap after {@link #projectedThrough}; parts of
   *     a staged outcome may be left out, and never move the projection by themselves
   */
  public void project(List<LogEntry> entries) {
    if (!entries.isEmpty()) {
      project(projectedThrough(entries.getFirst().position()), entries);
    }
  }

  /**
   * Like {@link #project(List)}, for entries that go on behind others without conflict.
   *
   * @param after the caller's word: between {@link #projectedThrough} and this there is no conflict
   */
  public void project(Position after, List<LogEntry> entries) {
    checkAhead(after);
    List<LogEntry.Outcome> conflicting = new ArrayList<>();
    Position through = null;
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.OutcomePart) {
        continue;
      }
      Position position = entry.position();
      Position before = through == null ? after : through;
      if (!position.isAfter(before)) {
        continue;
      }
      if (position.number() != before.number() + 1) {
        throw Fault.invariant("audit", "entry " + position + " comes right after " + before);
      }
      if (entry instanceof LogEntry.Outcome outcome && !outcome.conflicts().isEmpty()) {
        conflicting.add(outcome);
      }
      through = position;
    }
    if (through != null) {
      write(conflicting, through);
    }
  }

  /**
   * Moves {@link #projectedThrough} on, durably.
   *
   * @param through the caller's word: there is no conflict up to this that is not in the audit
   */
  public void projected(Position through) {
    checkAhead(through);
    write(List.of(), through);
  }

  private void checkAhead(Position position) {
    if (projectedThrough(position).isAfter(position)) {
      throw Fault.invariant(
          "audit", position + " comes after " + projectedThrough(position) + " was projected");
    }
  }

  /** A page of conflicts, newest first. */
  public List<AuditedConflict> find(ConflictQuery query) {
    List<String> conditions = new ArrayList<>();
    List<Object> arguments = new ArrayList<>();
    conditions.add("id < ?");
    arguments.add(query.before());
    query.table().ifPresent(table -> where("\"table\" = ?", table.name(), conditions, arguments));
    query.key().ifPresent(key -> whereKey(key, conditions, arguments));
    query.field().ifPresent(field -> where("field = ?", field, conditions, arguments));
    query.since().ifPresent(i -> where("\"timestamp\" >= ?", text(i), conditions, arguments));
    query.until().ifPresent(i -> where("\"timestamp\" < ?", text(i), conditions, arguments));
    query.strategy().ifPresent(s -> where("resolution = ?", s, conditions, arguments));
    query.kind().ifPresent(kind -> where("kind = ?", kind, conditions, arguments));
    if (query.spoke().isPresent()) {
      String spoke = query.spoke().get().name();
      where("(source_spoke = ? OR target_spoke = ?)", spoke, conditions, arguments);
      arguments.add(spoke);
    }
    return read(
        "WHERE " + String.join(" AND ", conditions) + " ORDER BY id DESC LIMIT " + query.limit(),
        arguments);
  }

  /** The conflict with this id. */
  public Optional<AuditedConflict> find(long id) {
    return read("WHERE id = ?", List.of(id)).stream().findFirst();
  }

  /** How many conflicts bear a time at or after this one. */
  public long countSince(Instant since) {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT COUNT(*) FROM sync_conflicts WHERE \"timestamp\" >= ?")) {
      statement.setString(1, text(since));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw database.failed(READ, e);
    }
  }

  /**
   * Deletes some of the conflicts that bear a time before this one, the oldest first. What was
   * projected stays projected: they do not come back.
   *
   * @param most how many at most, so that nobody waits long for the file
   * @return how many
   */
  public int prune(Instant before, int most) {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "DELETE FROM sync_conflicts WHERE id IN (SELECT id FROM sync_conflicts"
                    + " WHERE \"timestamp\" < ? ORDER BY \"timestamp\" LIMIT ?)")) {
      statement.setString(1, text(before));
      statement.setInt(2, most);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw database.failed("delete old conflicts", e);
    }
  }

  @Override
  public void close() {
    database.close();
  }

  private void loadProjected() throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT incarnation, channel, position FROM projected_through");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        projected.put(
            new Log(LogIncarnation.parse(rows.getString(1)), new ChannelId(rows.getString(2))),
            rows.getLong(3));
      }
    }
  }

  private void write(List<LogEntry.Outcome> outcomes, Position through) {
    Position before = projectedThrough(through);
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        long lastId = lastId(connection);
        int conflicts = outcomes.stream().mapToInt(o -> o.conflicts().size()).sum();
        moveTo(connection, before, through, lastId + conflicts);
        insert(connection, outcomes, lastId);
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw database.failed(PROJECT, e);
    }
    projected.put(Log.of(through), through.number());
  }

  private void insert(Connection connection, List<LogEntry.Outcome> outcomes, long lastId)
      throws SQLException {
    if (outcomes.isEmpty()) {
      return;
    }
    long id = lastId;
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (LogEntry.Outcome outcome : outcomes) {
        String timestamp = text(outcome.transaction().time().toInstant());
        int ordinal = 0;
        for (ConflictRecord conflict : outcome.conflicts()) {
          bind(statement, ++id, timestamp, outcome.position(), ordinal++, conflict);
          statement.addBatch();
        }
      }
      statement.executeBatch();
    }
  }

  /** Ids go on after the last one given out, even where old conflicts were deleted since. */
  private static long lastId(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT COALESCE(MAX(last_id), 0) FROM projected_through");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private void bind(
      PreparedStatement statement,
      long id,
      String timestamp,
      Position at,
      int ordinal,
      ConflictRecord c)
      throws SQLException {
    TableSchema schema = schemas.get(c.schema());
    Binder to = new Binder(statement);
    to.add(id).add(timestamp).add(c.table().name()).add(ReadableValue.keyAsJson(schema, c.key()));
    to.add(c.field()).add(c.kind().label()).add(shown(schema, c, c.base()));
    to.add(c.source().spoke().name()).add(shown(c, c.source()));
    to.add(c.target().spoke().name()).add(shown(c, c.target()));
    to.add(c.rule()).add(shown(schema, c, c.result())).add(at.number());
    to.add(JsonText.of(c.source().clock())).add(JsonText.of(c.target().clock()));
    to.add(c.ruleVersion().number()).add(at.incarnation().toString()).add(at.channel().name());
    to.add(ordinal).add(c.schema().value()).add(ReadableValue.typeOf(schema, c.field()));
    to.add(ReadableValue.keyAsText(schema, c.key())).add(c.key().bytes());
    to.add(c.source().sequence().number()).add(c.target().sequence().number());
    to.add(c.base().value().encoded()).add(c.source().value().encoded());
    to.add(c.target().value().encoded()).add(c.result().value().encoded());
  }

  private static Optional<String> shown(TableSchema schema, ConflictRecord c, FieldImage image) {
    return ReadableValue.of(schema, c.field(), image);
  }

  private Optional<String> shown(ConflictRecord c, ConflictWrite write) {
    boolean isRow = c.field().equals(ConflictRecord.EXISTENCE);
    FieldImage image = new FieldImage(write.value(), isRow ? write.row() : Tuple.NONE);
    return ReadableValue.of(schemas.get(write.schema()), c.field(), image);
  }

  /** Fails if somebody else moved it: two hubs must not share one audit. */
  private void moveTo(Connection connection, Position before, Position through, long lastId)
      throws SQLException {
    String sql =
        knows(through)
            ? "UPDATE projected_through SET position = ?, last_id = ?"
                + " WHERE incarnation = ? AND channel = ? AND position = ?"
            : "INSERT INTO projected_through (position, last_id, incarnation, channel)"
                + " VALUES (?, ?, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Binder to = new Binder(statement);
      to.add(through.number()).add(lastId);
      to.add(through.incarnation().toString()).add(through.channel().name());
      if (knows(through)) {
        to.add(before.number());
      }
      if (statement.executeUpdate() != 1) {
        throw Fault.invariant("audit", "somebody else projects into it: not at " + before);
      }
    }
  }

  private List<AuditedConflict> read(String condition, List<Object> arguments) {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement("SELECT * FROM sync_conflicts " + condition)) {
      for (int i = 0; i < arguments.size(); i++) {
        statement.setObject(i + 1, arguments.get(i));
      }
      List<AuditedConflict> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(conflict(row));
        }
      }
      return found;
    } catch (SQLException e) {
      throw database.failed(READ, e);
    }
  }

  private static AuditedConflict conflict(ResultSet row) throws SQLException {
    return new AuditedConflict(
        row.getLong("id"),
        Instant.parse(row.getString("timestamp")),
        new TableName(row.getString("table")),
        new SchemaId(row.getLong("schema_id")),
        row.getString("key"),
        row.getString("field"),
        row.getString("kind"),
        row.getString("value_type"),
        shown(row, "base_value", "base_exact"),
        side(row, "source"),
        side(row, "target"),
        row.getString("resolution"),
        shown(row, "result", "result_exact"),
        new Position(
            LogIncarnation.parse(row.getString("incarnation")),
            new ChannelId(row.getString("channel")),
            row.getLong("position")),
        new PlanVersion(row.getInt("rule_version")));
  }

  private static AuditedConflict.Side side(ResultSet row, String side) throws SQLException {
    return new AuditedConflict.Side(
        new SpokeId(row.getString(side + "_spoke")),
        new Sequence(row.getLong(side + "_sequence")),
        shown(row, side + "_value", side + "_exact"),
        JsonText.clock(row.getString(side + "_clock")));
  }

  private static AuditedConflict.Shown shown(ResultSet row, String text, String exact)
      throws SQLException {
    return new AuditedConflict.Shown(
        Optional.ofNullable(row.getString(text)), Field.ofEncoded(Bytes.wrap(row.getBytes(exact))));
  }

  private static void whereKey(String key, List<String> conditions, List<Object> arguments) {
    Optional<String> json = JsonText.normalised(key);
    if (json.isPresent()) {
      where("\"key\" = ?", json.get(), conditions, arguments);
    } else {
      where("key_text = ?", key, conditions, arguments);
    }
  }

  private static void where(
      String condition, Object argument, List<String> conditions, List<Object> arguments) {
    conditions.add(condition);
    arguments.add(argument);
  }

  private static String text(Instant instant) {
    return MICROS.format(instant);
  }

  /** A log's name. */
  private record Log(LogIncarnation incarnation, ChannelId channel) {
    static Log of(Position position) {
      return new Log(position.incarnation(), position.channel());
    }
  }

  /** Sets a statement's parameters one after the other. */
  private static final class Binder {
    private final PreparedStatement statement;
    private int index;

    Binder(PreparedStatement statement) {
      this.statement = statement;
    }

    Binder add(long value) throws SQLException {
      statement.setLong(++index, value);
      return this;
    }

    Binder add(String value) throws SQLException {
      statement.setString(++index, value);
      return this;
    }

    Binder add(Optional<String> value) throws SQLException {
      if (value.isPresent()) {
        statement.setString(++index, value.get());
      } else {
        statement.setNull(++index, Types.VARCHAR);
      }
      return this;
    }

    Binder add(Bytes value) throws SQLException {
      statement.setBytes(++index, value.toByteArray());
      return this;
    }
  }
}
