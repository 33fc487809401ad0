package io.spokewire.hub.audit;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The audit in an embedded SQLite file. One connection stays open for as long as the database, so
 * that the write-ahead log is not folded up between two readers.
 */
final class SqliteAudit implements AuditDatabase {
  private final Path file;
  private final Connection anchor;

  private SqliteAudit(Path file, Connection anchor) {
    this.file = file;
    this.anchor = anchor;
  }

  /** Opens the file, making it where it does not exist. */
  static SqliteAudit open(Path file) {
    try {
      return new SqliteAudit(file, connect(file));
    } catch (SQLException e) {
      throw failed("open the conflict audit", file, e);
    }
  }

  @Override
  public Connection connect() throws SQLException {
    return connect(file);
  }

  @Override
  public boolean mayBeAway() {
    return false;
  }

  @Override
  public Fault failed(String operation, SQLException cause) {
    return failed(operation, file, cause);
  }

  @Override
  public void tidy(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA analysis_limit = 400");
      statement.execute("PRAGMA optimize");
    }
  }

  @Override
  public void close() {
    try {
      anchor.close();
    } catch (SQLException e) {
      throw failed("close the conflict audit", e);
    }
  }

  @Override
  public String toString() {
    return file.toString();
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

  private static Fault failed(String operation, Path file, SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    return switch (cause.getErrorCode() & 0xFF) {
      case 5, 6 -> // SQLITE_BUSY, SQLITE_LOCKED
          Fault.of(FaultKind.INTERNAL, operation, "another process has the file locked: " + message)
              .at(file)
              .hint("end the program that has it open, such as a backup or an open sqlite3 shell")
              .healsByItself()
              .causedBy(cause);
      case 10, 13 -> // SQLITE_IOERR, SQLITE_FULL
          Fault.of(FaultKind.INTERNAL, operation, message)
              .at(file)
              .hint("check the disk and its free space")
              .healsByItself()
              .causedBy(cause);
      default ->
          Fault.of(FaultKind.INTERNAL, operation, message)
              .at(file)
              .hint("check the file's owner and mode, and that it is a SQLite database")
              .causedBy(cause);
    };
  }
}
