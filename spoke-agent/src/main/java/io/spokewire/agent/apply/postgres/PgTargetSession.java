package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.agent.apply.table.RowWriter;
import io.spokewire.agent.apply.table.TargetSession;
import io.spokewire.agent.apply.table.TargetTables;
import io.spokewire.agent.apply.table.Way;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** One connection to PostgreSQL with its pinned settings, statements and table definitions. */
final class PgTargetSession implements TargetSession {
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
  private final boolean replicaRole;
  private final TargetTables<PgTargetTable> targets;
  private final RunWriter writer;
  private final Checkpoints checkpoints;
  private final PreparedStatement emit;
  private final Optional<MarkRow> markRow;
  private @Nullable Bytes pending; // to be written as the transaction's last row

  private PgTargetSession(
      Connection connection, boolean replicaRole, Optional<MarkRow> markRow, ApplySite site)
      throws SQLException {
    this.markRow = markRow;
    this.connection = connection;
    this.replicaRole = replicaRole;
    this.targets =
        new TargetTables<>(
            table -> TargetCatalogue.read(connection, table), site.tables(), site.schemas());
    this.writer = new RunWriter(connection, targets, replicaRole);
    this.checkpoints = new Checkpoints(connection);
    this.emit =
        connection.prepareStatement(
            "SELECT pg_catalog.pg_logical_emit_message(true, 'spokewire', ?)");
  }

  /** Connects, claims the database, pins the settings. */
  static PgTargetSession open(
      ConnectionSource connections, Optional<MarkRow> markRow, ApplySite site) throws SQLException {
    return connections.open(
        properties(site),
        connection -> {
          SpokewireSchema.prepare(connection, site.spoke(), site.instance());
          boolean replicaRole = mayActAsReplica(connection);
          execute(connection, PINNED);
          if (replicaRole) {
            execute(connection, REPLICA_ROLE);
          }
          makeDurable(connection);
          connection.commit();
          return new PgTargetSession(connection, replicaRole, markRow, site);
        });
  }

  private static Properties properties(ApplySite site) {
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

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public String unlessThere(String insert) {
    return insert + " ON CONFLICT DO NOTHING";
  }

  /** With the replica role foreign keys and triggers are off. */
  @Override
  public boolean mayReorder() {
    return replicaRole;
  }

  @Override
  public void begin(Way way) throws SQLException {
    switch (way) {
      case REORDERED -> {}
      case STRICT -> execute(connection, "SET CONSTRAINTS ALL DEFERRED");
      case ISOLATED -> execute(connection, "SET CONSTRAINTS ALL IMMEDIATE");
    }
  }

  @Override
  public @Nullable String mismatch(SchemaId shape) throws SQLException {
    return targets.mismatch(shape);
  }

  @Override
  public void forgetTables() {
    targets.forget();
    writer.forget();
  }

  @Override
  public RowWriter writer() {
    return writer;
  }

  @Override
  public void mark(Bytes sealed) throws SQLException {
    if (markRow.isPresent()) {
      pending = sealed;
      return;
    }
    emit.setBytes(1, sealed.toByteArray());
    emit.execute();
  }

  /**
   * A mark in the change log comes last: its number is the transaction's place there, and must come
   * after those of whoever wrote our rows before us.
   */
  @Override
  public void commit() throws SQLException {
    if (markRow.isPresent() && pending != null) {
      markRow.get().write(connection, pending);
      pending = null;
    }
    connection.commit();
  }

  @Override
  public void rollback() throws SQLException {
    pending = null;
    connection.rollback();
  }

  @Override
  public Optional<Position> readCheckpoint() throws SQLException {
    return checkpoints.read();
  }

  @Override
  public boolean moveCheckpoint(Optional<Position> before, Position to) throws SQLException {
    return checkpoints.write(before, to);
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
