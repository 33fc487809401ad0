package io.spokewire.agent.apply.mysql;

import com.mysql.cj.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * INSERTs of certain numbers of rows that the server keeps prepared: it parses each once, and
 * values travel as they are. Any other number goes as text. Owned by the connection's thread.
 *
 * <p>Only INSERTs: a value's type is its column's there, while in a derived table it is what the
 * literal looks like.
 */
final class PreparedInserts {
  // The largest is what apply writes at once.
  private static final int[] LENGTHS = {1000, 500, 250, 125};

  // Each takes some hundred bytes in the server and here.
  private static final int MOST_PLACEHOLDERS = 16_384;
  private static final int PLACEHOLDERS_KEPT = 4 * MOST_PLACEHOLDERS;

  private static final int TOO_MANY_STATEMENTS = 1461;

  private final Connection connection;
  private final Map<String, Prepared> statements = new LinkedHashMap<>(16, 0.75f, true);
  private int placeholders;
  private boolean refused; // the server keeps too many already

  private record Prepared(PreparedStatement statement, int placeholders) {}

  PreparedInserts(Connection connection) {
    this.connection = connection;
  }

  /** How many of so many rows to insert first: as many as there is a prepared statement for. */
  static int length(int rows, int columns) {
    for (int length : LENGTHS) {
      if (length <= rows && length * columns <= MOST_PLACEHOLDERS) {
        return length;
      }
    }
    return rows;
  }

  /** The statement for so many rows, not to be closed; null if it goes as text. */
  @Nullable PreparedStatement of(RunStatement insert, int rows) throws SQLException {
    int columns = insert.rows().width();
    if (refused || rows < LENGTHS[LENGTHS.length - 1] || length(rows, columns) != rows) {
      return null;
    }
    String sql = insert.sql(rows);
    Prepared known = statements.get(sql);
    return known != null ? known.statement() : prepare(sql, rows * columns);
  }

  private @Nullable PreparedStatement prepare(String sql, int columns) throws SQLException {
    makeRoom(columns);
    PreparedStatement made;
    try {
      made = connection.unwrap(JdbcConnection.class).serverPrepareStatement(sql);
    } catch (SQLException e) {
      if (e.getErrorCode() == TOO_MANY_STATEMENTS) {
        refused = true;
        return null;
      }
      throw e;
    }
    statements.put(sql, new Prepared(made, columns));
    placeholders += columns;
    return made;
  }

  private void makeRoom(int wanted) throws SQLException {
    Iterator<Prepared> eldest = statements.values().iterator();
    while (eldest.hasNext() && placeholders + wanted > PLACEHOLDERS_KEPT) {
      Prepared old = eldest.next();
      eldest.remove();
      placeholders -= old.placeholders();
      old.statement().close();
    }
  }

  /** Forgets them all: a table may have changed. */
  void forget() {
    for (Prepared each : statements.values()) {
      try {
        each.statement().close();
      } catch (SQLException e) {
        // The connection is broken then, and what it kept is gone.
      }
    }
    statements.clear();
    placeholders = 0;
    refused = false;
  }
}
