package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.DatabaseOwner;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
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
 * What the agent keeps in the server itself, in database {@code spokewire}: {@code identity} (whose
 * server this is), {@code checkpoint} (how far it is, and the marker of the last transaction),
 * {@code barrier} (the mark of the last barrier), {@code parked} (rows that were set aside), {@code
 * exception} (values that were kept off by the site's own pending writes) and {@code shape} (the
 * shapes that both have).
 */
public final class MySpokewireSchema {
  /** The database's name. */
  public static final String NAME = "spokewire";

  private static final String CREATE_DATABASE =
      "CREATE DATABASE spokewire CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
  private static final String KIND =
      " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

  private static final Map<String, String> TABLES =
      Map.of(
          "identity",
          """
          CREATE TABLE spokewire.identity (
            one tinyint PRIMARY KEY CHECK (one = 1),
            spoke varchar(255) NOT NULL,
            instance binary(16) NOT NULL,
            since timestamp(6) NOT NULL DEFAULT current_timestamp(6))\
          """,
          "checkpoint",
          """
          CREATE TABLE spokewire.checkpoint (
            id tinyint PRIMARY KEY CHECK (id = 1),
            incarnation binary(16),
            channel varchar(64),
            position bigint,
            marker longblob)\
          """,
          "barrier",
          """
          CREATE TABLE spokewire.barrier (
            id tinyint PRIMARY KEY CHECK (id = 1),
            mark longblob NOT NULL)\
          """,
          "shape",
          """
          CREATE TABLE spokewire.shape (
            id bigint PRIMARY KEY,
            shape longblob NOT NULL)\
          """,
          "parked",
          """
          CREATE TABLE spokewire.parked (
            id bigint AUTO_INCREMENT PRIMARY KEY,
            table_name varchar(255) NOT NULL,
            `key` longblob NOT NULL,
            new_key longblob,
            reason varchar(16) NOT NULL,
            operation varchar(16) NOT NULL,
            `change` longblob NOT NULL,
            schema_id bigint NOT NULL,
            low bigint NOT NULL,
            position bigint NOT NULL,
            acknowledged bigint NOT NULL,
            seen_missing_at bigint NOT NULL,
            error text NOT NULL,
            `sqlstate` varchar(5) NOT NULL,
            since timestamp(6) NOT NULL DEFAULT current_timestamp(6),
            attempts integer NOT NULL DEFAULT 1,
            INDEX (table_name, `key`(100)),
            FOREIGN KEY (schema_id) REFERENCES spokewire.shape (id))\
          """,
          "exception",
          """
          CREATE TABLE spokewire.exception (
            id bigint AUTO_INCREMENT PRIMARY KEY,
            table_name varchar(255) NOT NULL,
            `key` longblob NOT NULL,
            field varchar(255) NOT NULL,
            low bigint NOT NULL,
            marked_at bigint NOT NULL,
            answered boolean NOT NULL,
            `change` longblob NOT NULL,
            schema_id bigint NOT NULL,
            seen bigint,
            since timestamp(6) NOT NULL DEFAULT current_timestamp(6),
            INDEX (table_name, `key`(100)),
            FOREIGN KEY (schema_id) REFERENCES spokewire.shape (id))\
          """);

  private static final List<String> ORDER =
      List.of("identity", "checkpoint", "barrier", "shape", "parked", "exception");

  private static final String NOT_OURS =
      "use the data directory that this server was joined with, or the right server; if that"
          + " agent is gone for good: DROP DATABASE spokewire; then join again";

  private MySpokewireSchema() {}

  /**
   * Creates what is missing and claims the server for this agent; does nothing the second time.
   * Commits by itself.
   *
   * @param instance the agent's own id, kept in its data directory
   * @throws Fault REFUSED if the server belongs to another spoke or another data directory
   */
  public static void prepare(Connection connection, SpokeId spoke, UUID instance)
      throws SQLException {
    connection.setAutoCommit(true); // a statement that creates commits anyway
    // One agent at a time, so that two that start at once don't both create.
    lock(connection);
    try {
      // IF NOT EXISTS asks for the right to create even when there is nothing to create.
      if (!exists(connection, "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?")) {
        execute(connection, CREATE_DATABASE);
      }
      for (String table : ORDER) {
        if (!hasTable(connection, table)) {
          execute(connection, TABLES.getOrDefault(table, "") + KIND);
        }
      }
      execute(connection, "INSERT IGNORE INTO spokewire.checkpoint (id) VALUES (1)");
      claim(connection, spoke, instance);
    } finally {
      execute(connection, "DO RELEASE_LOCK('spokewire')");
    }
    connection.setAutoCommit(false);
  }

  private static void lock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT GET_LOCK('spokewire', 60)")) {
      if (!row.next() || row.getInt(1) != 1) {
        throw Fault.of(FaultKind.UNREACHABLE, "prepare database spokewire", "it is locked")
            .hint("another agent prepares it; or somebody holds GET_LOCK('spokewire')")
            .healsByItself()
            .build();
      }
    }
  }

  /**
   * Looks, and changes nothing.
   *
   * @param instance as for {@link #prepare}; empty for an agent that never was in a database
   * @throws Fault REFUSED if the server belongs to another spoke or another data directory
   */
  public static void demandFree(Connection connection, SpokeId spoke, Optional<UUID> instance)
      throws SQLException {
    // Where we may not look, the preflight says which right is missing.
    if (hasTable(connection, "identity")) {
      demandOurs(connection, spoke, instance);
    }
  }

  /** What the server says is applied; empty before the first apply. */
  public static Optional<Position> checkpoint(Connection connection) throws SQLException {
    return hasTable(connection, "checkpoint")
        ? new MyCheckpoint(connection).read()
        : Optional.empty();
  }

  /** Gives the server up again, if it is this agent's. */
  public static void release(Connection connection, UUID instance) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM spokewire.identity WHERE instance = ?")) {
      delete.setBytes(1, MyCheckpoint.bytes(instance));
      delete.executeUpdate();
    }
  }

  private static void claim(Connection connection, SpokeId spoke, UUID instance)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT IGNORE INTO spokewire.identity (one, spoke, instance) VALUES (1, ?, ?)")) {
      insert.setString(1, spoke.name());
      insert.setBytes(2, MyCheckpoint.bytes(instance));
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
        new DatabaseOwner(owner, MyCheckpoint.uuid(row.getBytes(2)))
            .demand(spoke, instance, NOT_OURS);
      }
    }
  }

  private static boolean hasTable(Connection connection, String table) throws SQLException {
    return exists(
        connection,
        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = '"
            + table
            + "'");
  }

  private static boolean exists(Connection connection, String query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, NAME);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
