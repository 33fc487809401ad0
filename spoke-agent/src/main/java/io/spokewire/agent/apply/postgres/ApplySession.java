package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.MarkerSealing;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;

/**
 * One connection with its pinned settings and what hangs on it: statements, table definitions, the
 * view of parked rows. Lives until the connection fails. Owned by one thread.
 */
final class ApplySession implements AutoCloseable {
  // Everything that changes how text is read or a row is found, whatever the role's defaults are.
  private static final String PINNED =
      """
      SET datestyle = 'ISO, MDY';
      SET timezone = 'UTC';
      SET intervalstyle = 'postgres';
      SET extra_float_digits = 3;
      SET standard_conforming_strings = on;
      SET xmloption = content;
      SET lc_monetary = 'C';
      SET row_security = off;
      SET statement_timeout = 0;
      SET lock_timeout = '30s';
      SET idle_in_transaction_session_timeout = 0;
      SET default_transaction_isolation = 'read committed';
      SET default_transaction_read_only = off;
      SET jit = off;
      SET plan_cache_mode = force_custom_plan
      """;

  // Rows are always found by their key: a plan that reads a whole table is never what we want, and
  // statistics of a table that is being filled say nothing. Only where no trigger of a user runs.
  private static final String REPLICA_ROLE =
      """
      SET session_replication_role = replica;
      SET search_path = pg_catalog, pg_temp;
      SET enable_hashjoin = off;
      SET enable_mergejoin = off
      """;

  private final Connection connection;
  private final Predicate<TableName> guarded;
  private final boolean replicaRole;
  private final TargetTables targets;
  private final RunWriter writer;
  private final StoredShapes shapes;
  private final ParkedRows parked;
  private final KeptValues kept;
  private final Checkpoints checkpoints;
  private final PreparedStatement emit;
  private Optional<Position> checkpoint = Optional.empty();

  private ApplySession(Connection connection, boolean replicaRole, PgSite site)
      throws SQLException {
    this.connection = connection;
    this.guarded = site.guarded();
    this.replicaRole = replicaRole;
    this.targets = new TargetTables(connection, site.tables(), site.schemas());
    this.writer = new RunWriter(connection, targets, replicaRole);
    this.shapes = new StoredShapes(connection, site.schemas());
    this.parked = new ParkedRows(connection, shapes, site.schemas());
    this.kept = new KeptValues(connection, shapes, site.schemas(), writer);
    this.checkpoints = new Checkpoints(connection);
    this.emit =
        connection.prepareStatement(
            "SELECT pg_catalog.pg_logical_emit_message(true, 'spokewire', ?)");
  }

  /** Connects, claims the database, pins the settings. */
  static ApplySession open(PgSite site) throws SQLException {
    Connection connection = site.connections().open(properties(site));
    try {
      SpokewireSchema.prepare(connection, site.spoke(), site.instance());
      boolean replicaRole = mayActAsReplica(connection);
      execute(connection, PINNED);
      if (replicaRole) {
        execute(connection, REPLICA_ROLE);
      }
      makeDurable(connection);
      connection.commit();
      ApplySession session = new ApplySession(connection, replicaRole, site);
      connection.commit();
      return session;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private static Properties properties(PgSite site) {
    Properties properties = new Properties();
    properties.setProperty("ApplicationName", "spokewire apply " + site.spoke());
    properties.setProperty("prepareThreshold", "1");
    properties.setProperty("preparedStatementCacheQueries", "512");
    properties.setProperty("tcpKeepAlive", "true");
    // Arrays that are sent in binary, by oid: bool, bytea, int8, text, date, time, timestamp,
    // timestamptz, float4, float8, uuid.
    properties.setProperty(
        "binaryTransferEnable", "1000,1001,1016,1009,1182,1183,1115,1185,1021,1022,2951");
    return properties;
  }

  private static boolean mayActAsReplica(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT has_parameter_privilege('session_replication_role', 'SET')")) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** A commit that returns must be on disk; what the server's owner set beyond that stays. */
  private static void makeDurable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW synchronous_commit")) {
      if (row.next() && row.getString(1).equals("off")) {
        execute(connection, "SET synchronous_commit = on");
      }
    }
  }

  /** Whether foreign keys and triggers are off on this connection. */
  boolean replicaRole() {
    return replicaRole;
  }

  TargetTables targets() {
    return targets;
  }

  RunWriter writer() {
    return writer;
  }

  ParkedRows parked() {
    return parked;
  }

  /** Whether changes of this table are made only where the database holds what they replace. */
  boolean guards(TableName table) {
    return guarded.test(table) || kept.concerns(table);
  }

  KeptValues kept() {
    return kept;
  }

  /** What the database has not seen of the positions that its markers name. */
  List<Context.Unseen> unseen() {
    if (kept.isEmpty()) {
      return parked.unseen();
    }
    List<Context.Unseen> unseen = new ArrayList<>(parked.unseen());
    unseen.addAll(kept.unseen());
    return List.copyOf(unseen);
  }

  /**
   * Executes rows of a run, and notes what of them the database keeps off.
   *
   * @return the rows that should have been there and were not
   */
  List<PlannedRow> write(Run run, List<PlannedRow> rows) throws SQLException {
    List<PlannedRow> tried = rows;
    if (kept.concerns(run.table())) {
      tried = new ArrayList<>(rows.size());
      for (PlannedRow row : rows) {
        if (!kept.takes(run, row)) {
          tried.add(row);
        }
      }
      if (tried.isEmpty()) {
        return List.of();
      }
    }
    RunWriter.Written written = writer.write(run, tried);
    if (!written.kept().isEmpty() || kept.concerns(run.table())) {
      kept.note(run, tried, written);
    }
    return written.missing();
  }

  /**
   * Takes away every row of a table but some, and what waits for the others or is kept of them. A
   * row that a user's transaction inserts meanwhile stays: the hub gets it after this and says so.
   *
   * @return how many went
   */
  long deleteAllBut(TableSchema schema, List<RowKey> survivors) throws SQLException {
    TableName table = schema.table();
    execute("SET LOCAL enable_hashjoin = on"); // here the whole table is read
    long gone = writer.deleteAllBut(schema, survivors);
    execute("SET LOCAL enable_hashjoin = off");
    kept.removeAllBut(table, survivors);
    if (!parked.isEmpty()) {
      parked.removeAllBut(table, survivors);
      parked.reload();
    }
    return gone;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  /** The checkpoint as committed; read once, and known from then on. */
  Optional<Position> checkpoint() throws SQLException {
    if (checkpoint.isEmpty()) {
      checkpoint = checkpoints.read();
    }
    return checkpoint;
  }

  /** Notes that a transaction with this checkpoint was committed. */
  void committed(Position position) {
    checkpoint = Optional.of(position);
  }

  /** Reads the checkpoint again when it is next needed. */
  void forgetCheckpoint() {
    checkpoint = Optional.empty();
  }

  /** Writes a marker into the transaction. */
  void mark(MarkerSealing sealing, Position first, Position last) throws SQLException {
    emit.setBytes(1, sealing.seal(new AppliedMarker(first, last, unseen())).toByteArray());
    emit.execute();
  }

  void execute(String sql) throws SQLException {
    execute(connection, sql);
  }

  void commit() throws SQLException {
    connection.commit();
  }

  /** Ends the transaction without a trace, also in what is known of parked rows. */
  void rollback() throws SQLException {
    connection.rollback();
    shapes.reload();
    parked.reload();
    kept.reload();
    connection.rollback();
  }

  /** Looks at every table anew when it is next needed. */
  void forgetTables() {
    targets.forget();
    writer.forget();
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // It was of no use any more.
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
