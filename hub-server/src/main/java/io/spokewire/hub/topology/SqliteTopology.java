package io.spokewire.hub.topology;

import io.spokewire.common.disk.SqliteFile;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.AgreedTypes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The topology in SQLite. Reads come from a copy in memory that follows every committed change, so
 * that they cost nothing on the way of a change. Safe from any thread.
 */
public final class SqliteTopology implements Topology {
  private final TopologyDatabase database;

  /** Replaced as a whole, inside the database's one transaction at a time. */
  private volatile Map<SpokeId, Spoke> spokes;

  private volatile List<PlanRecord> plans;
  private volatile AgreedTypes agreed;
  private volatile Map<SpokeId, SpokeColumns> columns;

  /**
   * @param database stays the caller's to close
   */
  public SqliteTopology(TopologyDatabase database) {
    this.database = database;
    this.spokes = database.transaction("read topology", SqliteTopology::readSpokes);
    this.plans = database.transaction("read plans", SqliteTopology::readPlans);
    this.agreed = database.transaction("read types", SqliteColumnTypes::readAgreed);
    this.columns = database.transaction("read columns", SqliteColumnTypes::readColumns);
  }

  @Override
  public List<Spoke> spokes() {
    return List.copyOf(spokes.values());
  }

  @Override
  public Optional<Spoke> find(SpokeId spoke) {
    return Optional.ofNullable(spokes.get(spoke));
  }

  @Override
  public Spoke add(SpokeId id, Direction direction, ChannelId channel) {
    synchronized (this) {
      Spoke added =
          database.transaction(
              "add spoke",
              c -> {
                if (readSpokes(c).containsKey(id)) {
                  throw Fault.of(FaultKind.USAGE, "add spoke", "the name is taken")
                      .at(id)
                      .hint("choose another name, or remove-spoke it first")
                      .build();
                }
                Spoke spoke =
                    new Spoke(
                        id,
                        direction,
                        channel,
                        "",
                        nextEpoch(c, id),
                        Spoke.Standing.JOINING,
                        "",
                        false,
                        0,
                        false,
                        0);
                insert(c, spoke);
                return spoke;
              });
      put(added);
      return added;
    }
  }

  @Override
  public Spoke update(SpokeId id, UnaryOperator<Spoke> change) {
    synchronized (this) {
      Spoke before = spokes.get(id);
      if (before == null) {
        throw unknown("change spoke", id);
      }
      Spoke after = change.apply(before);
      if (!after.id().equals(id)) {
        throw Fault.invariant("spoke name", id + " would become " + after.id());
      }
      if (!after.equals(before)) {
        database.transaction("change spoke", c -> replace(c, after));
        put(after);
      }
      return after;
    }
  }

  @Override
  public void remove(SpokeId id) {
    synchronized (this) {
      if (!spokes.containsKey(id)) {
        throw unknown("remove spoke", id);
      }
      database.transaction(
          "remove spoke",
          c -> {
            int removed = execute(c, "DELETE FROM spoke WHERE name = ?", id.name());
            execute(c, "DELETE FROM join_token WHERE spoke = ?", id.name());
            execute(c, "DELETE FROM certificate WHERE kind = 'spoke' AND name = ?", id.name());
            execute(c, "DELETE FROM spoke_column WHERE spoke = ?", id.name());
            return removed;
          });
      Map<SpokeId, Spoke> less = new TreeMap<>(spokes);
      less.remove(id);
      spokes = less;
      Map<SpokeId, SpokeColumns> others = new TreeMap<>(columns);
      others.remove(id);
      columns = others;
    }
  }

  @Override
  public Optional<PlanRecord> plan() {
    List<PlanRecord> all = plans;
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  @Override
  public List<PlanRecord> planHistory() {
    return plans;
  }

  @Override
  public PlanRecord addPlan(PlanRecord next) {
    synchronized (this) {
      PlanVersion expected = plan().map(PlanRecord::version).orElse(PlanVersion.NONE).next();
      if (!next.version().equals(expected)) {
        throw Fault.invariant("plan versions", next.version() + " would follow as " + expected);
      }
      database.transaction(
          "keep plan",
          c ->
              execute(
                  c,
                  "INSERT INTO plan (version, text, position, applied_micros) VALUES (?, ?, ?, ?)",
                  next.version().number(),
                  next.text(),
                  next.position(),
                  next.appliedMicros()));
      List<PlanRecord> more = new ArrayList<>(plans);
      more.add(next);
      plans = List.copyOf(more);
      return next;
    }
  }

  @Override
  public AgreedTypes agreedTypes() {
    return agreed;
  }

  @Override
  public void agree(AgreedTypes types) {
    synchronized (this) {
      database.transaction("keep types", c -> SqliteColumnTypes.write(c, types));
      agreed = types;
    }
  }

  @Override
  public List<SpokeColumns> columns() {
    return List.copyOf(columns.values());
  }

  @Override
  public void keepColumns(SpokeColumns kept) {
    synchronized (this) {
      database.transaction("keep columns", c -> SqliteColumnTypes.write(c, kept));
      Map<SpokeId, SpokeColumns> more = new TreeMap<>(columns);
      more.put(kept.spoke(), kept);
      columns = more;
    }
  }

  /** Runs a transaction of another part that changes one spoke as well. */
  Spoke updateWith(SpokeId id, UnaryOperator<Spoke> change, SqliteFile.Work<Integer> work) {
    synchronized (this) {
      Spoke before = spokes.get(id);
      if (before == null) {
        throw unknown("join", id);
      }
      Spoke after = change.apply(before);
      database.transaction(
          "join",
          c -> {
            work.run(c);
            return replace(c, after);
          });
      put(after);
      return after;
    }
  }

  static int execute(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = c.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  private void put(Spoke spoke) {
    Map<SpokeId, Spoke> more = new TreeMap<>(spokes);
    more.put(spoke.id(), spoke);
    spokes = more;
  }

  private static Fault unknown(String operation, SpokeId id) {
    return Fault.of(FaultKind.USAGE, operation, "there is no spoke '" + id + "'")
        .hint("see `syncadm topology list`")
        .build();
  }

  private static Epoch nextEpoch(Connection c, SpokeId id) throws SQLException {
    Epoch epoch = Epoch.FIRST;
    try (PreparedStatement statement =
        c.prepareStatement("SELECT epoch FROM last_epoch WHERE name = ?")) {
      statement.setString(1, id.name());
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          epoch = new Epoch(row.getInt(1)).next();
        }
      }
    }
    return epoch;
  }

  private static void keepEpoch(Connection c, Spoke spoke) throws SQLException {
    execute(
        c,
        """
        INSERT INTO last_epoch (name, epoch) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET epoch = max(epoch, excluded.epoch)
        """,
        spoke.id().name(),
        spoke.epoch().number());
  }

  private static int replace(Connection c, Spoke spoke) throws SQLException {
    execute(c, "DELETE FROM spoke WHERE name = ?", spoke.id().name());
    return insert(c, spoke);
  }

  private static int insert(Connection c, Spoke spoke) throws SQLException {
    keepEpoch(c, spoke);
    return execute(
        c,
        """
        INSERT INTO spoke (name, direction, channel, engine, epoch, standing, reason, paused,
            starts_after, assume_identical, session)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        spoke.id().name(),
        spoke.direction().label(),
        spoke.channel().name(),
        spoke.engine(),
        spoke.epoch().number(),
        spoke.standing().name().toLowerCase(Locale.ROOT),
        spoke.reason(),
        spoke.paused() ? 1 : 0,
        spoke.startsAfter(),
        spoke.assumeIdentical() ? 1 : 0,
        spoke.session());
  }

  private static Map<SpokeId, Spoke> readSpokes(Connection c) throws SQLException {
    Map<SpokeId, Spoke> all = new TreeMap<>();
    try (PreparedStatement statement =
            c.prepareStatement(
                """
                SELECT name, direction, channel, engine, epoch, standing, reason, paused,
                    starts_after, assume_identical, session
                FROM spoke
                """);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Spoke spoke =
            new Spoke(
                new SpokeId(row.getString(1)),
                Direction.ofLabel(row.getString(2)),
                new ChannelId(row.getString(3)),
                row.getString(4),
                new Epoch(row.getInt(5)),
                Spoke.Standing.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
                row.getString(7),
                row.getInt(8) != 0,
                row.getLong(9),
                row.getInt(10) != 0,
                row.getLong(11));
        all.put(spoke.id(), spoke);
      }
    }
    return all;
  }

  private static List<PlanRecord> readPlans(Connection c) throws SQLException {
    List<PlanRecord> all = new ArrayList<>();
    try (PreparedStatement statement =
            c.prepareStatement(
                "SELECT version, text, position, applied_micros FROM plan ORDER BY version");
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        all.add(
            new PlanRecord(
                new PlanVersion(row.getInt(1)), row.getString(2), row.getLong(3), row.getLong(4)));
      }
    }
    return List.copyOf(all);
  }
}
