package io.spokewire.common.disk;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;

/**
 * A SQLite file for its owner only: one connection, one transaction at a time, on disk when it
 * returns (write-ahead log, synchronous FULL). Safe from any thread.
 */
public final class SqliteFile implements AutoCloseable {
  private final Path file;
  private final String what;
  private final Connection connection;
  private final ReentrantLock lock = new ReentrantLock();

  private SqliteFile(Path file, String what, Connection connection) {
    this.file = file;
    this.what = what;
    this.connection = connection;
  }

  /**
   * Opens the file, makes it if it is not there, and brings its tables up to date.
   *
   * @param what it holds, for people
   * @param program whose it is, for people
   * @param migrations scripts, applied in this order, each once; one that was released never
   *     changes
   */
  public static SqliteFile open(Path file, String what, String program, List<String> migrations) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(5_000);
    Connection connection;
    try {
      makePrivate(file, what);
      connection = DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
    } catch (SQLException e) {
      throw fault(file, "open " + what, e);
    }
    SqliteFile database = new SqliteFile(file, what, connection);
    try {
      connection.setAutoCommit(false);
      database.migrate(program, migrations);
    } catch (SQLException e) {
      database.close();
      throw fault(file, "open " + what, e);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
    return database;
  }

  /** What a transaction does; its faults and exceptions undo it. */
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Runs a transaction; when it returns, it is on disk. */
  public <T> T transaction(String operation, Work<T> work) {
    lock.lock();
    try {
      boolean committed = false;
      try {
        T result = work.run(connection);
        connection.commit();
        committed = true;
        return result;
      } finally {
        if (!committed) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      throw fault(file, operation, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      connection.close();
    } catch (SQLException e) {
      throw fault(file, "close " + what, e);
    } finally {
      lock.unlock();
    }
  }

  /** SQLite gives its side files the rights of the database file. */
  private static void makePrivate(Path file, String what) {
    try {
      if (!Files.exists(file)) {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createFile(
            file,
            posix
                ? new FileAttribute<?>[] {
                  PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0]);
      }
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "make " + what, String.valueOf(e.getMessage()))
          .at(file)
          .causedBy(e);
    }
  }

  private void migrate(String program, List<String> migrations) throws SQLException {
    int version;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      version = row.getInt(1);
    }
    connection.commit();
    if (version > migrations.size()) {
      throw Fault.of(
              FaultKind.USAGE,
              "open " + what,
              "it was written by a newer " + program + " (" + version + ")")
          .at(file)
          .hint("run the newer " + program)
          .build();
    }
    for (int next = version; next < migrations.size(); next++) {
      String script = migrations.get(next);
      int number = next + 1;
      transaction(
          "migrate " + what,
          c -> {
            try (Statement statement = c.createStatement()) {
              for (String sql : script.split(";\\s*\\n")) {
                if (!sql.isBlank()) {
                  statement.execute(sql);
                }
              }
              statement.execute("PRAGMA user_version = " + number);
            }
            return number;
          });
    }
  }

  private static Fault fault(Path file, String operation, SQLException e) {
    Fault.Builder fault =
        Fault.of(FaultKind.INTERNAL, operation, String.valueOf(e.getMessage())).at(file);
    // SQLITE_BUSY, SQLITE_IOERR and SQLITE_FULL pass when the disk or the other process does.
    int code = e.getErrorCode() & 0xFF;
    return code == 5 || code == 10 || code == 13
        ? fault.healsByItself().causedBy(e)
        : fault.causedBy(e);
  }
}
