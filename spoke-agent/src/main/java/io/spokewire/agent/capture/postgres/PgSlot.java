package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.ReplicationSlotInfo;

/**
 * The logical replication slot of one spoke: the server keeps its log from the slot's position on.
 * Takes a role with REPLICATION. Safe from any thread.
 */
public final class PgSlot {
  private static final String STATE =
      "SELECT s.plugin = 'pgoutput' AND s.database = current_database() AS ours, s.active,"
          + " s.wal_status, s.restart_lsn::text, s.confirmed_flush_lsn::text,"
          + " coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::bigint AS"
          + " retained, coalesce(to_jsonb(s) ->> 'invalidation_reason', '') AS invalidation,"
          + " CASE WHEN s.wal_status = 'unreserved' THEN 0 ELSE coalesce(s.safe_wal_size,"
          + " 9223372036854775807) END AS safe,"
          + " pg_current_wal_flush_lsn()::text AS flushed FROM pg_replication_slots s WHERE"
          + " s.slot_name = ?";

  /** What to do where changes may be missing. */
  public static final String RESYNC =
      "this site's changes may be missing elsewhere: compare its tables with another site's, then"
          + " syncadm topology remove-spoke, add-spoke, and join anew";

  private final PgDatabase database;
  private final String name;

  public PgSlot(PgDatabase database, String name) {
    this.database = database;
    this.name = name;
  }

  /** What the slot and the publication of a spoke are called: {@code spokewire_lisbon}. */
  public static String nameFor(SpokeId spoke) {
    return "spokewire_" + spoke.name().replace('-', '_');
  }

  public String name() {
    return name;
  }

  /**
   * Makes the slot. Capture begins at its consistent point; the exported snapshot sees exactly what
   * was committed before, and lives until {@link Created#close()}.
   */
  public Created create() {
    return create(false);
  }

  /** The same, of a slot that is gone with {@link Created#close()}, or with us. */
  public Created createPassing() {
    return create(true);
  }

  private Created create(boolean passing) {
    Connection connection = null;
    try {
      connection = database.connectForReplication();
      var wanted =
          connection
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .createReplicationSlot()
              .logical()
              .withSlotName(name)
              .withOutputPlugin("pgoutput");
      ReplicationSlotInfo info = (passing ? wanted.withTemporaryOption() : wanted).make();
      String snapshot = info.getSnapshotName();
      if (snapshot == null) {
        throw new SQLException("the server exported no snapshot");
      }
      return new Created(connection, Lsn.toPosition(info.getConsistentPoint().asLong()), snapshot);
    } catch (SQLException e) {
      quietly(connection);
      if ("42710".equals(e.getSQLState())) {
        throw Fault.of(FaultKind.REFUSED, "create the replication slot", "it exists already")
            .at(name + " in " + database)
            .hint(takenHint())
            .causedBy(e);
      }
      if ("55000".equals(e.getSQLState())) {
        throw Fault.of(FaultKind.USAGE, "create the replication slot", "wal_level is not logical")
            .at(database)
            .hint("ALTER SYSTEM SET wal_level = logical; then restart the server")
            .causedBy(e);
      }
      throw PgFaults.of("create the replication slot " + name, database, e);
    }
  }

  /**
   * Before anything is made.
   *
   * @throws Fault REFUSED if there is a slot of this name
   */
  public void demandAbsent() {
    if (exists()) {
      throw Fault.of(FaultKind.REFUSED, "create the replication slot", "it exists already")
          .at(name + " in " + database)
          .hint(takenHint())
          .build();
    }
  }

  private String takenHint() {
    return "another agent may use it; if that one is gone for good:"
        + " SELECT pg_drop_replication_slot('"
        + name
        + "');";
  }

  public boolean exists() {
    try (Connection connection = database.connect()) {
      return state(connection).isPresent();
    } catch (SQLException e) {
      throw PgFaults.of("look for the replication slot " + name, database, e);
    }
  }

  /** Removes the slot if it is there; refused with a healing fault while somebody reads from it. */
  public void drop() {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    + " WHERE slot_name = ?")) {
      statement.setString(1, name);
      statement.execute();
    } catch (SQLException e) {
      throw PgFaults.of("drop the replication slot " + name, database, e);
    }
  }

  /**
   * What the server keeps of its log for the slot.
   *
   * @throws Fault NEGATIVE if the slot can no longer give every change
   */
  public Retention retention(Connection connection) throws SQLException {
    State state = usable(connection);
    return new Retention(state.retained, state.left, state.active);
  }

  /** How the slot is; empty if there is none. */
  Optional<State> state(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(STATE)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String confirmed = row.getString("confirmed_flush_lsn");
        String walStatus = row.getString("wal_status");
        return Optional.of(
            new State(
                row.getBoolean("ours"),
                row.getBoolean("active"),
                "lost".equals(walStatus) || !row.getString("invalidation").isEmpty(),
                row.getString("invalidation"),
                confirmed == null ? 0 : Lsn.parse(confirmed),
                row.getLong("retained"),
                row.getLong("safe"),
                Lsn.parse(row.getString("flushed"))));
      }
    }
  }

  /** The state of a slot that can be read from; otherwise a fault that does not heal by itself. */
  State usable(Connection connection) throws SQLException {
    State state =
        state(connection)
            .orElseThrow(() -> gone("the replication slot does not exist any more", null));
    if (!state.ours) {
      throw gone("the replication slot is not one of ours for this database", null);
    }
    if (state.lost) {
      throw gone(
          "the server has removed log that the slot still needed"
              + (state.invalidation.isEmpty() ? "" : ": " + state.invalidation),
          null);
    }
    return state;
  }

  /** Changes of this site may be missing from the log: only a comparison can help. */
  Fault gone(String reason, @Nullable SQLException cause) {
    return Fault.of(FaultKind.NEGATIVE, "capture", reason)
        .at(name + " in " + database)
        .hint(RESYNC)
        .causedBy(cause);
  }

  private static void quietly(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // The fault that is on its way says more.
      }
    }
  }

  /**
   * What {@code pg_replication_slots} says.
   *
   * @param confirmed the end of what was confirmed
   * @param retained bytes of log from the slot's restart point to the present end
   * @param left bytes that may still be written before the server gives up the slot
   * @param flushed the present end of the log on disk
   */
  record State(
      boolean ours,
      boolean active,
      boolean lost,
      String invalidation,
      long confirmed,
      long retained,
      long left,
      long flushed) {}

  /** A slot just made, with the session that holds its snapshot. */
  public static final class Created implements AutoCloseable {
    private final Connection session;
    private final SourcePosition start;
    private final String snapshot;

    private Created(Connection session, SourcePosition start, String snapshot) {
      this.session = session;
      this.start = start;
      this.snapshot = snapshot;
    }

    /** Where capture begins. */
    public SourcePosition start() {
      return start;
    }

    /** For {@code SET TRANSACTION SNAPSHOT} in other sessions. */
    public String snapshot() {
      return snapshot;
    }

    /** Ends the snapshot; the slot stays. */
    @Override
    public void close() {
      quietly(session);
    }
  }
}
