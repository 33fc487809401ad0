package io.spokewire.agent.capture.polling;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.common.disk.SqliteFile;
import io.spokewire.common.id.BarrierId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * The agent's own copy of the tables that it polls, with what the last look found and the hub has
 * not confirmed. One look or one reading of a new table at a time; each is one transaction. Safe
 * from any thread.
 */
public final class SiteCopy implements AutoCloseable {
  private static final String TABLES =
      """
      CREATE TABLE copied_table (
        id INTEGER PRIMARY KEY, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
        place INTEGER NOT NULL, -- what refers to others comes after them
        looked_at INTEGER, -- microseconds since 1970
        UNIQUE (schema_name, table_name)) STRICT;
      CREATE TABLE copied_shape (
        id INTEGER PRIMARY KEY, columns BLOB NOT NULL UNIQUE) STRICT;
      CREATE TABLE copied_row (
        table_id INTEGER NOT NULL, key BLOB NOT NULL, shape INTEGER NOT NULL, image BLOB NOT NULL,
        PRIMARY KEY (table_id, key)) STRICT;
      CREATE TABLE round (
        number INTEGER PRIMARY KEY, micros INTEGER NOT NULL, barrier TEXT) STRICT;
      CREATE TABLE round_schema (
        round INTEGER NOT NULL, place INTEGER NOT NULL, content BLOB NOT NULL,
        PRIMARY KEY (round, place)) STRICT;
      CREATE TABLE difference (
        round INTEGER NOT NULL, place INTEGER NOT NULL, row_count INTEGER NOT NULL,
        content BLOB NOT NULL, PRIMARY KEY (round, place)) STRICT;
      CREATE TABLE mark (number INTEGER PRIMARY KEY, barrier TEXT NOT NULL) STRICT;
      CREATE TABLE progress (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        last_round INTEGER NOT NULL, keys_read_at INTEGER) STRICT;
      INSERT INTO progress VALUES (1, 0, NULL);
      """;

  private final SqliteFile file;
  private final AtomicBoolean marked = new AtomicBoolean();

  private SiteCopy(SqliteFile file) {
    this.file = file;
  }

  /** Opens the copy; an empty one is made if there is none. */
  public static SiteCopy open(Path file) {
    SiteCopy copy = new SiteCopy(SqliteFile.open(file, "the copy", "spoke-agent", List.of(TABLES)));
    copy.marked.set(copy.file.transaction("read the copy", c -> !Rounds.marks(c).isEmpty()));
    return copy;
  }

  /** Runs a transaction; nobody else looks or reads meanwhile. */
  <T> T transaction(String operation, SqliteFile.Work<T> work) {
    return file.transaction(operation, work);
  }

  /** The look that begins next gives this barrier after what it finds. */
  public void mark(BarrierId barrier) {
    file.transaction(
        "note a barrier",
        c -> {
          Rounds.mark(c, barrier);
          return true;
        });
    marked.set(true);
  }

  /** Whether a barrier waits for a look. */
  boolean isMarked() {
    return marked.get();
  }

  void unmark() {
    marked.set(false);
  }

  /** The last round of which nothing is needed any more; 0 before the first. */
  public long confirmed() {
    return file.transaction("read the copy", Rounds::confirmed);
  }

  /** Whether this table is copied. */
  public boolean has(LocalName table) {
    return file.transaction("read the copy", c -> find(c, table).isPresent());
  }

  /**
   * Drops what is copied of other tables.
   *
   * @return those
   */
  public List<LocalName> keepOnly(Predicate<LocalName> wanted) {
    return file.transaction(
        "forget tables",
        c -> {
          List<LocalName> left = new ArrayList<>();
          for (CopiedTable table : tables(c)) {
            if (!wanted.test(table.name())) {
              execute(c, "DELETE FROM copied_row WHERE table_id = ?", table.id());
              execute(c, "DELETE FROM copied_table WHERE id = ?", table.id());
              left.add(table.name());
            }
          }
          return left;
        });
  }

  /**
   * Tables are looked at in this order.
   *
   * @param tables what refers to others after them
   */
  public void order(List<LocalName> tables) {
    file.transaction(
        "order tables",
        c -> {
          try (PreparedStatement update =
              c.prepareStatement(
                  "UPDATE copied_table SET place = ? WHERE schema_name = ? AND table_name = ?")) {
            for (int i = 0; i < tables.size(); i++) {
              update.setInt(1, i);
              update.setString(2, tables.get(i).schemaName());
              update.setString(3, tables.get(i).tableName());
              update.executeUpdate();
            }
          }
          return true;
        });
  }

  /** The tables in the copy, in the order in which they are looked at. */
  static List<CopiedTable> tables(Connection connection) throws SQLException {
    List<CopiedTable> tables = new ArrayList<>();
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT id, schema_name, table_name, looked_at FROM copied_table"
                    + " ORDER BY place, id");
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        long micros = row.getLong(4);
        tables.add(
            new CopiedTable(
                row.getLong(1),
                new LocalName(row.getString(2), row.getString(3)),
                row.wasNull() ? Optional.empty() : Optional.of(Micros.instant(micros))));
      }
    }
    return tables;
  }

  static Optional<CopiedTable> find(Connection connection, LocalName name) throws SQLException {
    return tables(connection).stream().filter(t -> t.name().equals(name)).findFirst();
  }

  /** Begins to copy a table, which is empty here as yet. */
  static CopiedTable add(Connection connection, LocalName name) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO copied_table (schema_name, table_name, place) VALUES (?, ?, 1000000)")) {
      insert.setString(1, name.schemaName());
      insert.setString(2, name.tableName());
      insert.executeUpdate();
    }
    return find(connection, name).orElseThrow();
  }

  static void execute(Connection connection, String sql, long number) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, number);
      statement.executeUpdate();
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
