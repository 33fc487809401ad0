package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.DatabaseOwner;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SpokeId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What the agent keeps in the database itself, in schema {@code spokewire}: {@code identity} (whose
 * database this is), {@code checkpoint} (one row per worker), {@code parked} (rows that were set
 * aside), {@code exception} (values that were kept off by the site's own pending writes) and {@code
 * shape} (the shapes that both have).
 */
public final class SpokewireSchema {
  /** The schema's name. */
  public static final String NAME = "spokewire";

  private static final String CREATE_SCHEMA = "CREATE SCHEMA spokewire";

  private static final Map<String, String> TABLES =
      Map.of(
          "identity",
          """
          CREATE TABLE spokewire.identity (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            spoke text NOT NULL,
            instance uuid NOT NULL,
            since timestamptz NOT NULL DEFAULT now())
          """,
          "checkpoint",
          """
          CREATE TABLE spokewire.checkpoint (
            worker integer PRIMARY KEY,
            log_incarnation uuid NOT NULL,
            channel text NOT NULL,
            position bigint NOT NULL)
          WITH (fillfactor = 20)
          """,
          "shape",
          """
          CREATE TABLE spokewire.shape (
            id bigint PRIMARY KEY,
            shape bytea NOT NULL)
          """,
          "parked",
          """
          CREATE TABLE spokewire.parked (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            table_name text NOT NULL,
            key bytea NOT NULL,
            new_key bytea,
            reason text NOT NULL,
            operation text NOT NULL,
            change bytea NOT NULL,
            schema_id bigint NOT NULL REFERENCES spokewire.shape,
            low bigint NOT NULL,
            position bigint NOT NULL,
            acknowledged bigint NOT NULL,
            seen_missing_at bigint NOT NULL,
            error text NOT NULL,
            sqlstate text NOT NULL,
            since timestamptz NOT NULL DEFAULT now(),
            attempts integer NOT NULL DEFAULT 1);
          CREATE INDEX ON spokewire.parked (table_name, key)
          """,
          "exception",
          """
          CREATE TABLE spokewire.exception (
            table_name text NOT NULL,
            key bytea NOT NULL,
            field text NOT NULL,
            low bigint NOT NULL,
            marked_at bigint NOT NULL,
            answered boolean NOT NULL,
            change bytea NOT NULL,
            schema_id bigint NOT NULL REFERENCES spokewire.shape,
            seen bigint,
            since timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (table_name, key, field))
          """);

  private static final List<String> ORDER =
      List.of("identity", "checkpoint", "shape", "parked", "exception");

  private SpokewireSchema() {}

  /**
   * Creates what is missing and claims the database for this agent; does nothing the second time.
   * Commits by itself.
   *
   * @param instance the agent's own id, kept in its data directory
   * @throws Fault REFUSED if the database belongs to another spoke or another data directory
   */
  public static void prepare(Connection connection, SpokeId spoke, UUID instance)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      // One agent at a time, so that two that start at once don't both create.
      execute(connection, "SELECT pg_catalog.pg_advisory_xact_lock(7235925)");
      // IF NOT EXISTS asks for the right to create even when there is nothing to create.
      if (!exists(connection, "SELECT pg_catalog.to_regnamespace('spokewire') IS NOT NULL")) {
        execute(connection, CREATE_SCHEMA);
      }
      for (String table : ORDER) {
        String known = "SELECT pg_catalog.to_regclass('spokewire." + table + "') IS NOT NULL";
        if (!exists(connection, known)) {
          execute(connection, TABLES.getOrDefault(table, ""));
        }
      }
      claim(connection, spoke, instance);
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    }
  }

  /**
   * Looks, and changes nothing.
   *
   * @param instance as for {@link #prepare}; empty for an agent that never was in a database
   * @throws Fault REFUSED if the database belongs to another spoke or another data directory
   */
  public static void demandFree(Connection connection, SpokeId spoke, Optional<UUID> instance)
      throws SQLException {
    // Where we may not look, the preflight says which right is missing.
    boolean readable =
        exists(
            connection,
            "SELECT pg_catalog.has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace"
                + " WHERE nspname = 'spokewire'");
    if (readable
        && exists(connection, "SELECT pg_catalog.to_regclass('spokewire.identity') IS NOT NULL")) {
      demandOurs(connection, spoke, instance);
    }
  }

  /** What the database says is applied; empty before the first apply. */
  public static Optional<Position> checkpoint(Connection connection) throws SQLException {
    return exists(connection, "SELECT pg_catalog.to_regclass('spokewire.checkpoint') IS NOT NULL")
        ? new Checkpoints(connection).read()
        : Optional.empty();
  }

  /** Gives the database up again, if it is this agent's. */
  public static void release(Connection connection, UUID instance) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM spokewire.identity WHERE instance = ?")) {
      delete.setObject(1, instance);
      delete.executeUpdate();
    }
  }

  private static void claim(Connection connection, SpokeId spoke, UUID instance)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.identity (spoke, instance) VALUES (?, ?)"
                + " ON CONFLICT DO NOTHING")) {
      insert.setString(1, spoke.name());
      insert.setObject(2, instance);
      insert.executeUpdate();
    }
    demandOurs(connection, spoke, Optional.of(instance));
  }

  private static void demandOurs(Connection connection, SpokeId spoke, Optional<UUID> instance)
      throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement("SELECT spoke, instance FROM spokewire.identity");
        ResultSet row = query.executeQuery()) {
      if (row.next()) {
        String owner = row.getString(1);
        new DatabaseOwner(owner, row.getObject(2, UUID.class))
            .demand(spoke, instance, notOurs(owner));
      }
    }
  }

  private static String notOurs(String owner) {
    return "use the data directory that this database was joined with, or the right database;"
        + " if that agent is gone for good: SELECT pg_drop_replication_slot(slot_name) FROM"
        + " pg_replication_slots WHERE slot_name = 'spokewire_"
        + owner.replace('-', '_')
        + "'; DROP SCHEMA spokewire CASCADE; then join again";
  }

  private static boolean exists(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
