package io.spokewire.hub.audit;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.LogEntry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table {@code sync_conflicts}: one row per conflicting field, projected from the log, and what
 * people said of it.
 *
 * <p>{@link #project} writes the records of a run of entries and how far it got in one durable
 * transaction, so that each conflict is there exactly once however often a run is repeated and
 * wherever the process dies. What is projected may be trimmed from the log.
 *
 * <p>Threading: {@code project} and what moves the projection by one thread; everything else by
 * any.
 *
 * <p>Errors: {@link Fault}; a locked file, a full disk and a database that is away heal by
 * themselves.
 */
public final class ConflictAudit implements ConflictProjection, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConflictAudit.class);
  private static final String OPEN = "open the conflict audit";
  private static final String PROJECT = "project conflicts into the audit";
  private static final String READ = "read the conflict audit";

  private final AuditDatabase database;
  private final ConflictReader reader;
  private final Projection projection;
  private final Map<Log, Mark> projected = new ConcurrentHashMap<>();
  private volatile boolean ready;
  private volatile boolean isWell; // the last that was asked of the database was answered

  /** A write whose connection broke while it was committed: it is there or not. */
  private @Nullable Doubt doubt;

  private ConflictAudit(AuditDatabase database, SchemaBook schemas) {
    this.database = database;
    this.reader = new ConflictReader();
    this.projection = new Projection(schemas);
  }

  /**
   * Opens the audit in this file, which is made if it does not exist.
   *
   * @param schemas the shapes of the rows whose conflicts will be projected
   */
  public static ConflictAudit open(Path file, SchemaBook schemas) {
    return open(SqliteAudit.open(file), schemas);
  }

  /**
   * Opens the audit in a PostgreSQL database. Where it can't be reached now, it is opened when
   * {@link #prepare} is called again.
   */
  public static ConflictAudit open(PostgresPlace place, SchemaBook schemas) {
    return open(PostgresAudit.open(place), schemas);
  }

  static ConflictAudit open(AuditDatabase database, SchemaBook schemas) {
    ConflictAudit audit = new ConflictAudit(database, schemas);
    try {
      audit.prepare();
    } catch (Fault fault) {
      if (!database.mayBeAway() || !fault.healsByItself()) {
        audit.close();
        throw fault;
      }
      LOG.warn("the conflict audit waits: {}", fault.getMessage());
    }
    return audit;
  }

  /** Whether its tables were seen: until then nothing of it is known. */
  @Override
  public boolean isReady() {
    return ready;
  }

  /** Makes sure of the tables and learns how far they are; does nothing once that is done. */
  @Override
  public void prepare() {
    if (!ready) {
      prepareOnce();
    }
  }

  private synchronized void prepareOnce() {
    if (ready) {
      return;
    }
    try (Connection connection = database.connect()) {
      AuditTables.migrate(connection, database);
      loadProjected(connection);
      ready = true;
      isWell = true;
    } catch (SQLException e) {
      throw failed(OPEN, e);
    }
  }

  /**
   * Up to where this log is projected, durably; number 0 before the first time. The log must not be
   * trimmed beyond it.
   *
   * @param log any position of the log that is asked about
   */
  @Override
  public Position projectedThrough(Position log) {
    return log.at(markOf(log).position());
  }

  /** Whether anything of this log was projected yet. */
  @Override
  public boolean knows(Position log) {
    return projected.containsKey(Log.of(log));
  }

  /**
   * Begins a log somewhere else than at its first entry: what is at or before this position will
   * never be projected. Only for an audit that does not know the log yet.
   */
  @Override
  public void beginAfter(Position position) {
    if (knows(position)) {
      throw Fault.invariant("audit", "begins " + position + " in a log it has projected before");
    }
    write(List.of(), position, Instant.EPOCH);
  }

  /**
   * Writes the conflicts and rulings of these entries and moves {@link #projectedThrough} to the
   * last of them, all or nothing, durable at the return. Entries projected before are skipped.
   *
   * @param entries of one log, in order and without a gap after {@link #projectedThrough}; parts of
   *     a staged outcome may be left out, and never move the projection by themselves
   */
  public void project(List<LogEntry> entries) {
    if (!entries.isEmpty()) {
      Position first = entries.getFirst().position();
      project(projectedThrough(first), latestIn(first), entries);
    }
  }

  /**
   * Like {@link #project(List)}, for entries that go on behind others without conflict.
   *
   * @param after the caller's word: between {@link #projectedThrough} and this there is nothing for
   *     the audit
   * @param latest the latest commit among the entries through {@code after}
   */
  @Override
  public void project(Position after, Instant latest, List<LogEntry> entries) {
    boolean landed = settleDoubt(after);
    checkAhead(after, landed);
    Position start = landed ? projectedThrough(after) : after;
    List<LogEntry> relevant = new ArrayList<>();
    Position through = null;
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.OutcomePart) {
        continue;
      }
      Position position = entry.position();
      Position before = through == null ? start : through;
      if (!position.isAfter(before)) {
        continue;
      }
      if (position.number() != before.number() + 1) {
        throw Fault.invariant("audit", "entry " + position + " comes right after " + before);
      }
      relevant.add(entry);
      through = position;
    }
    if (through != null) {
      Instant known = latestIn(after);
      write(relevant, through, latest.isAfter(known) ? latest : known);
    }
  }

  /**
   * Moves {@link #projectedThrough} on, durably.
   *
   * @param through the caller's word: there is nothing up to this that is not in the audit
   * @param latest the latest commit among the entries through it
   */
  @Override
  public void projected(Position through, Instant latest) {
    boolean landed = settleDoubt(through);
    checkAhead(through, landed);
    Instant known = latestIn(through);
    write(List.of(), through, latest.isAfter(known) ? latest : known);
  }

  /**
   * The latest commit among the entries that were projected.
   *
   * @param log any position of the log that is asked about
   */
  @Override
  public Instant latestIn(Position log) {
    return markOf(log).latest();
  }

  /** The latest commit among these entries and before them. */
  public static Instant latest(List<LogEntry> entries, Instant before) {
    return Projection.latest(entries, before);
  }

  /** A page of conflicts, newest first. */
  public List<AuditedConflict> find(ConflictQuery query) {
    return reading(connection -> reader.find(connection, query));
  }

  /** The conflict with this id. */
  public Optional<AuditedConflict> find(long id) {
    return reading(connection -> reader.find(connection, id));
  }

  /** Counts conflicts by what they have in common. */
  public ConflictCounts count(ConflictFilter filter, List<ConflictCounts.Dimension> by) {
    return reading(connection -> reader.count(connection, filter, by));
  }

  /** How many conflicts were found at this time or later. */
  public long countSince(Instant since) {
    return reading(connection -> reader.countSince(connection, since));
  }

  /** The same for a glance: empty while the audit can't be read, without waiting for it again. */
  public OptionalLong countIfReadable(Instant since) {
    if (!isWell) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(countSince(since));
    } catch (Fault fault) {
      LOG.debug("the audit can't be read: {}", fault.getMessage());
      return OptionalLong.empty();
    }
  }

  /** The latest conflicts for a glance: none while the audit can't be read. */
  public List<AuditedConflict> newestIfReadable(int limit) {
    if (!isWell) {
      return List.of();
    }
    try {
      return find(ConflictQuery.newest(limit));
    } catch (Fault fault) {
      LOG.debug("the audit can't be read: {}", fault.getMessage());
      return List.of();
    }
  }

  /**
   * Deletes some of the conflicts that were found before this time, the oldest first; those that
   * await a decision stay. What was projected stays projected: they do not come back.
   *
   * @param most how many at most, so that nobody waits long for the file
   * @return how many
   */
  @Override
  public int prune(Instant before, int most) {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "DELETE FROM sync_conflicts WHERE id IN (SELECT id FROM sync_conflicts"
                    + " WHERE \"timestamp\" < ? AND state <> 'open'"
                    + " ORDER BY \"timestamp\", id LIMIT ?)")) {
      statement.setString(1, ConflictRow.text(before));
      statement.setInt(2, most);
      int pruned = statement.executeUpdate();
      database.tidy(connection);
      isWell = true;
      return pruned;
    } catch (SQLException e) {
      throw failed("delete old conflicts", e);
    }
  }

  @Override
  public void close() {
    database.close();
  }

  /** Where it is, for people. */
  @Override
  public String toString() {
    return database.toString();
  }

  private <T> T reading(Reading<T> reading) {
    prepare();
    try (Connection connection = database.connect()) {
      T read = reading.from(connection);
      isWell = true;
      return read;
    } catch (SQLException e) {
      throw failed(READ, e);
    }
  }

  private Fault failed(String operation, SQLException cause) {
    isWell = false;
    return database.failed(operation, cause);
  }

  private void checkAhead(Position position, boolean landed) {
    if (!landed && projectedThrough(position).isAfter(position)) {
      throw Fault.invariant(
          "audit", position + " comes after " + projectedThrough(position) + " was projected");
    }
  }

  private Mark markOf(Position log) {
    return projected.getOrDefault(Log.of(log), Mark.NONE);
  }

  private void loadProjected(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT incarnation, channel, position, latest FROM sync_conflicts_projected");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        projected.put(
            new Log(LogIncarnation.parse(rows.getString(1)), new ChannelId(rows.getString(2))),
            new Mark(rows.getLong(3), Instant.parse(rows.getString(4))));
      }
    }
  }

  private void write(List<LogEntry> entries, Position through, Instant latest) {
    prepare();
    Log log = Log.of(through);
    Mark before = markOf(through);
    Mark after = new Mark(through.number(), Projection.latest(entries, latest));
    doubt = null;
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        long lastId = lastId(connection);
        moveTo(connection, log, before, after, lastId + Projection.conflicts(entries));
        projection.write(connection, entries, lastId, latest);
        doubt = new Doubt(log, after);
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw failed(PROJECT, e);
    }
    doubt = null;
    isWell = true;
    projected.put(log, after);
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      cause.addSuppressed(e); // the connection is gone, and with it what was not committed
    }
  }

  /** Whether the write that was in doubt is there after all. */
  private boolean settleDoubt(Position log) {
    Doubt open = doubt;
    if (open == null || !open.log().equals(Log.of(log))) {
      return false;
    }
    long there = reading(connection -> positionThere(connection, open.log()));
    if (there == open.after().position()) {
      projected.put(open.log(), open.after());
    }
    doubt = null;
    return there == open.after().position();
  }

  private static long positionThere(Connection connection, Log log) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT position FROM sync_conflicts_projected WHERE incarnation = ? AND channel ="
                + " ?")) {
      statement.setString(1, log.incarnation().toString());
      statement.setString(2, log.channel().name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /** Ids go on after the last one given out, even where old conflicts were deleted since. */
  private static long lastId(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT COALESCE(MAX(last_id), 0) FROM sync_conflicts_projected");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Fails if somebody else moved it: two hubs must not share one audit. */
  private void moveTo(Connection connection, Log log, Mark before, Mark after, long lastId)
      throws SQLException {
    boolean known = projected.containsKey(log);
    String sql =
        known
            ? "UPDATE sync_conflicts_projected SET position = ?, last_id = ?, latest = ?"
                + " WHERE incarnation = ? AND channel = ? AND position = ?"
            : "INSERT INTO sync_conflicts_projected (position, last_id, latest, incarnation,"
                + " channel) VALUES (?, ?, ?, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, after.position());
      statement.setLong(2, lastId);
      statement.setString(3, ConflictRow.text(after.latest()));
      statement.setString(4, log.incarnation().toString());
      statement.setString(5, log.channel().name());
      if (known) {
        statement.setLong(6, before.position());
      }
      if (statement.executeUpdate() != 1) {
        throw Fault.invariant(
            "audit",
            "somebody else projects into "
                + database
                + ": not at "
                + before.position()
                + " any more");
      }
    }
  }

  /** A log's name. */
  private record Log(LogIncarnation incarnation, ChannelId channel) {
    static Log of(Position position) {
      return new Log(position.incarnation(), position.channel());
    }
  }

  /**
   * How far a log is projected.
   *
   * @param latest the latest commit up to there
   */
  private record Mark(long position, Instant latest) {
    static final Mark NONE = new Mark(0, Instant.EPOCH);
  }

  private record Doubt(Log log, Mark after) {}

  private interface Reading<T> {
    T from(Connection connection) throws SQLException;
  }
}
