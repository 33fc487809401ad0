package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * An ordinary session beside the replication stream, for questions to the catalogue; opened when
 * first needed and again after an error. Safe from any thread, one question at a time.
 */
final class SideSession implements AutoCloseable {
  private final PgDatabase database;
  private @Nullable Connection connection;

  SideSession(PgDatabase database) {
    this.database = database;
  }

  /** Asks; an error closes the session and comes as a {@link io.spokewire.common.fault.Fault}. */
  synchronized <T> T call(String operation, Question<T> question) {
    try {
      Connection open = connection;
      if (open == null || open.isClosed()) {
        open = database.connect();
        connection = open;
      }
      return question.ask(open);
    } catch (SQLException e) {
      close();
      throw PgFaults.of(operation, database, e);
    }
  }

  @Override
  public synchronized void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // The server notices by itself.
      }
    }
  }

  /** A question to the database. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }
}
