package io.spokewire.hub.audit;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The embedded SQLite file behind the audit, and the shape of its tables. Everything that is
 * SQLite's own stands here; the statements, here and in {@link ConflictAudit}, also run on
 * PostgreSQL.
 *
 * <p>Safe from any thread: each caller gets a connection of its own. One connection stays open for
 * as long as the database, so that the write-ahead log is not folded up between two readers.
 */
final class AuditDatabase implements AutoCloseable {
  /** One step each; a step that was released never changes. */
  private static final List<List<String>> MIGRATIONS =
      List.of(
          List.of(
              """
              CREATE TABLE sync_conflicts (
                id BIGINT NOT NULL PRIMARY KEY,
                "timestamp" VARCHAR(40) NOT NULL,
                "table" TEXT NOT NULL,
                "key" TEXT NOT NULL,
                field TEXT NOT NULL,
                kind VARCHAR(40) NOT NULL,
                base_value TEXT,
                source_spoke VARCHAR(40) NOT NULL,
                source_value TEXT,
                target_spoke VARCHAR(40) NOT NULL,
                target_value TEXT,
                resolution TEXT NOT NULL,
                result TEXT,
                position BIGINT NOT NULL,
                source_clock TEXT NOT NULL,
                target_clock TEXT NOT NULL,
                rule_version INTEGER NOT NULL,
                incarnation VARCHAR(36) NOT NULL,
                channel VARCHAR(40) NOT NULL,
                ordinal INTEGER NOT NULL,
                schema_id BIGINT NOT NULL,
                value_type VARCHAR(40) NOT NULL,
                key_text TEXT NOT NULL,
                key_exact BYTEA NOT NULL,
                source_sequence BIGINT NOT NULL,
                target_sequence BIGINT NOT NULL,
                base_exact BYTEA NOT NULL,
                source_exact BYTEA NOT NULL,
                target_exact BYTEA NOT NULL,
                result_exact BYTEA NOT NULL,
                UNIQUE (incarnation, channel, position, "table", "key", field, ordinal))
              """,
              """
              CREATE INDEX sync_conflicts_by_row ON sync_conflicts ("table", key_text, id)
              """,
              """
              CREATE INDEX sync_conflicts_by_time ON sync_conflicts ("timestamp")
              """,
              """
              CREATE INDEX sync_conflicts_by_source ON sync_conflicts (source_spoke, id)
              """,
              """
              CREATE INDEX sync_conflicts_by_target ON sync_conflicts (target_spoke, id)
              """,
              """
              CREATE TABLE projected_through (
                incarnation VARCHAR(36) NOT NULL,
                channel VARCHAR(40) NOT NULL,
                position BIGINT NOT NULL,
                last_id BIGINT NOT NULL,
                PRIMARY KEY (incarnation, channel))
              """));

  private final Path file;
  private final Connection anchor;

  private AuditDatabase(Path file, Connection anchor) {
    this.file = file;
    this.anchor = anchor;
  }

  /** Opens the file, making it and bringing its tables up to date where needed. */
  static AuditDatabase open(Path file) {
    try {
      Connection connection = connect(file);
      try {
        migrate(connection, file);
      } catch (SQLException | Fault e) {
        connection.close();
        throw e;
      }
      return new AuditDatabase(file, connection);
    } catch (SQLException e) {
      throw failed("open the conflict audit", file, e);
    }
  }

  /** A connection that the caller closes. */
  Connection connect() throws SQLException {
    return connect(file);
  }

  Fault failed(String operation, SQLException cause) {
    return failed(operation, file, cause);
  }

  @Override
  public void close() {
    try {
      anchor.close();
    } catch (SQLException e) {
      throw failed("close the conflict audit", e);
    }
  }

  private static Connection connect(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath());
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      statement.execute("PRAGMA journal_mode = WAL");
      // A committed projection lets the log be trimmed, so it must survive a loss of power.
      statement.execute("PRAGMA synchronous = FULL");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  private static void migrate(Connection connection, Path file) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS audit_version (version INTEGER NOT NULL PRIMARY KEY)");
      int version;
      try (ResultSet row =
          statement.executeQuery("SELECT COALESCE(MAX(version), 0) FROM audit_version")) {
        row.next();
        version = row.getInt(1);
      }
      if (version > MIGRATIONS.size()) {
        throw Fault.of(
                FaultKind.USAGE,
                "open the conflict audit",
                "it was written by a newer version of the hub")
            .at(file)
            .hint("run the hub version that wrote it, or a newer one")
            .build();
      }
      for (int step = version; step < MIGRATIONS.size(); step++) {
        for (String sql : MIGRATIONS.get(step)) {
          statement.execute(sql);
        }
        statement.execute("INSERT INTO audit_version VALUES (" + (step + 1) + ")");
      }
      connection.commit();
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }

  private static Fault failed(String operation, Path file, SQLException cause) {
    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL: another process or the disk.
    int code = cause.getErrorCode() & 0xFF;
    boolean heals = code == 5 || code == 6 || code == 10 || code == 13;
    Fault.Builder fault =
        Fault.of(FaultKind.INTERNAL, operation, String.valueOf(cause.getMessage()))
            .at(file)
            .hint("check the disk's space and the file's owner and mode");
    return (heals ? fault.healsByItself() : fault).causedBy(cause);
  }
}
