package io.spokewire.agent.schema;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * An ordinary session that is kept, for a question now and then; opened when first needed and again
 * after an error. Safe from any thread, one question at a time.
 */
public final class Session implements AutoCloseable {
  private final LocalDatabase database;
  private @Nullable Connection connection;

  public Session(LocalDatabase database) {
    this.database = database;
  }

  /** Asks; an error closes the session and comes as a {@link io.spokewire.common.fault.Fault}. */
  public synchronized <T> T call(String operation, Question<T> question) {
    try {
      Connection open = connection;
      if (open == null || open.isClosed()) {
        open = database.connect();
        connection = open;
      }
      return question.ask(open);
    } catch (SQLException e) {
      close();
      throw database.fault(operation, e);
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
  public interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }
}
