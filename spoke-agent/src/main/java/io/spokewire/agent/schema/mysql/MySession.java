package io.spokewire.agent.schema.mysql;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * An ordinary session that is kept, for a question now and then; opened when first needed and again
 * after an error. Safe from any thread, one question at a time.
 */
public final class MySession implements AutoCloseable {
  private final MyDatabase database;
  private @Nullable Connection connection;

  public MySession(MyDatabase database) {
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
      throw MyFaults.of(operation, database, e);
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
