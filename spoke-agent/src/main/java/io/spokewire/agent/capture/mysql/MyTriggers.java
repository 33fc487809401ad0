package io.spokewire.agent.capture.mysql;

import static io.spokewire.agent.schema.mysql.MyDatabase.quoted;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyShape;
import io.spokewire.common.change.Column;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The triggers that log changes: three on each table, which name its columns. They run with the
 * agent's rights, so that users need none in {@code spokewire}, and only insert: users never wait
 * for each other there. What the server does by itself fires no trigger: TRUNCATE, and foreign keys
 * with CASCADE or SET NULL.
 *
 * <p>One shape is one set of triggers: when a table's columns change, new ones are made.
 *
 * <p>Safe from any thread.
 */
public final class MyTriggers {
  private static final String PREFIX = "spokewire_";

  private static final String OURS =
      "TRIGGER_NAME REGEXP '^" + PREFIX + "[0-9]+_(insert|update|delete)$'";

  private static final int ATTEMPTS = 50;
  private static final long PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final int TIMEOUT = 1205;
  private static final int NO_SUPER = 1419;
  private static final int NO_TABLE_RIGHT = 1142;
  private static final int NO_DATABASE_RIGHT = 1044;

  private static String one(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  /**
   * Makes the triggers of these tables anew, one after the other. Who is still writing when the
   * last one is made has written nothing that no trigger saw: making one waits for whoever has used
   * its table.
   *
   * @throws Fault REFUSED with the exact right as its hint if the user may not
   */
  public void makeEach(Connection connection, Collection<LocalName> tables) throws SQLException {
    String transaction = TransactionNumber.sql(connection);
    try (Statement statement = connection.createStatement()) {
      inPeace(
          statement,
          () -> {
            for (LocalName table : tables) {
              make(connection, statement, table, transaction);
            }
          });
    } catch (SQLException e) {
      throw refusedOr(connection, e);
    }
  }

  /**
   * Makes the triggers of these tables anew while nobody writes to them, and nobody has who is not
   * done.
   *
   * @param within what else is to be done meanwhile
   * @throws Fault REFUSED with the exact right as its hint if the user may not
   */
  public void make(Connection connection, Collection<LocalName> tables, Inside within)
      throws SQLException {
    String transaction = TransactionNumber.sql(connection);
    try (Statement statement = connection.createStatement()) {
      whileNobodyWrites(
          connection,
          tables,
          () -> {
            for (LocalName table : tables) {
              make(connection, statement, table, transaction);
            }
            within.run();
          });
    } catch (SQLException e) {
      throw refusedOr(connection, e);
    }
  }

  private static SQLException refusedOr(Connection connection, SQLException e) throws SQLException {
    if (e.getErrorCode() == NO_SUPER) {
      throw Fault.of(
              FaultKind.REFUSED,
              "make the triggers",
              "the server writes a binlog and lets only administrators make triggers")
          .hint("SET GLOBAL log_bin_trust_function_creators = 1;")
          .causedBy(e);
    }
    if (e.getErrorCode() == NO_TABLE_RIGHT || e.getErrorCode() == NO_DATABASE_RIGHT) {
      throw Fault.of(FaultKind.REFUSED, "make the triggers", String.valueOf(e.getMessage()))
          .hint(grant(connection))
          .causedBy(e);
    }
    return e;
  }

  /**
   * Does something while nobody writes to these tables or applies anything, and nobody has who is
   * not done. Who waits for us meanwhile waits for about a second each time that we try.
   */
  public void whileNobodyWrites(Connection connection, Collection<LocalName> tables, Inside within)
      throws SQLException {
    String lock = lock(connection, tables);
    try (Statement statement = connection.createStatement()) {
      inPeace(
          statement,
          () -> {
            again(statement, lock);
            try {
              within.run();
            } finally {
              statement.execute("UNLOCK TABLES");
            }
          });
    }
  }

  /** Who waits for one of our locks meanwhile waits for about a second. */
  private static void inPeace(Statement statement, Inside within) throws SQLException {
    statement.execute("SET @spokewire_wait = @@lock_wait_timeout, lock_wait_timeout = 1");
    try {
      within.run();
    } finally {
      statement.execute("SET lock_wait_timeout = @spokewire_wait");
    }
  }

  /** Tries a statement until it gets its locks. */
  private static void again(Statement statement, String sql) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        statement.execute(sql);
        return;
      } catch (SQLException e) {
        if (e.getErrorCode() != TIMEOUT || attempt == ATTEMPTS) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** What lets the agent's user make triggers in its database. */
  public static String grant(Connection connection) throws SQLException {
    String user = one(connection, "SELECT CURRENT_USER()");
    int at = user.lastIndexOf('@');
    return "GRANT SELECT, TRIGGER, LOCK TABLES ON "
        + quoted(connection.getCatalog())
        + ".* TO '"
        + user.substring(0, at)
        + "'@'"
        + user.substring(at + 1)
        + "';";
  }

  private static String lock(Connection connection, Collection<LocalName> tables)
      throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT TABLE_NAME FROM information_schema.TABLES"
                    + " WHERE TABLE_SCHEMA = 'spokewire' AND TABLE_NAME IN ('change_log',"
                    + " 'change_batch', 'change_shape', 'checkpoint', 'capture_era')")) {
      while (row.next()) {
        names.add(quoted("spokewire", row.getString(1)) + " WRITE");
      }
    }
    tables.forEach(t -> names.add(quoted(t.schemaName(), t.tableName()) + " WRITE"));
    return "LOCK TABLES " + String.join(", ", names);
  }

  private static void make(
      Connection connection, Statement statement, LocalName table, String transaction)
      throws SQLException {
    for (Map.Entry<String, LocalName> old : ours(connection).entrySet()) {
      if (old.getValue().equals(table)) {
        again(statement, "DROP TRIGGER " + old.getKey());
      }
    }
    Optional<MyShape> shape = new MyCatalogue(connection).shape(table);
    if (shape.isEmpty()) {
      return;
    }
    long id = put(connection, table, LoggedShape.bytes(shape.get()));
    List<Column> columns = shape.get().columns();
    trigger(statement, table, id, transaction, "INSERT", RowImage.sql("NEW", columns));
    trigger(
        statement,
        table,
        id,
        transaction,
        "UPDATE",
        "CONCAT(" + RowImage.sql("OLD", columns) + ", " + RowImage.sql("NEW", columns) + ")");
    trigger(statement, table, id, transaction, "DELETE", RowImage.sql("OLD", columns));
  }

  private static long put(Connection connection, LocalName table, byte[] shape)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.change_shape (database_name, table_name, shape)"
                + " VALUES (?, ?, ?)",
            Statement.RETURN_GENERATED_KEYS)) {
      insert.setString(1, table.schemaName());
      insert.setString(2, table.tableName());
      insert.setBytes(3, shape);
      insert.executeUpdate();
      try (ResultSet key = insert.getGeneratedKeys()) {
        key.next();
        return key.getLong(1);
      }
    }
  }

  private static void trigger(
      Statement statement,
      LocalName table,
      long shape,
      String transaction,
      String event,
      String image)
      throws SQLException {
    again(
        statement,
        "CREATE TRIGGER "
            + quoted(table.schemaName(), PREFIX + shape + "_" + event.toLowerCase())
            + " AFTER "
            + event
            + " ON "
            + quoted(table.schemaName(), table.tableName())
            + " FOR EACH ROW INSERT INTO spokewire.change_log"
            + " (session, trx, made, operation, shape, image) VALUES (CONNECTION_ID(), "
            + transaction
            + ", UTC_TIMESTAMP(6), '"
            + event.charAt(0)
            + "', "
            + shape
            + ", "
            + image
            + ")");
  }

  /**
   * The tables that have all three triggers. What stands for a table changes whenever somebody
   * drops one and makes it again.
   */
  public Map<LocalName, String> made(Connection connection) throws SQLException {
    Map<LocalName, String> made = new TreeMap<>(Comparator.comparing(Object::toString));
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE,"
                    + " GROUP_CONCAT(CONCAT(TRIGGER_NAME, '/', CREATED) ORDER BY TRIGGER_NAME"
                    + " SEPARATOR ' ') FROM information_schema.TRIGGERS"
                    + " WHERE "
                    + OURS
                    + " GROUP BY EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE HAVING count(*) = 3")) {
      while (row.next()) {
        made.put(new LocalName(row.getString(1), row.getString(2)), row.getString(3));
      }
    }
    return made;
  }

  /** Takes every trigger of ours away, and what is left of a set that was not finished too. */
  public void dropAll(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      inPeace(
          statement,
          () -> {
            for (String name : ours(connection).keySet()) {
              again(statement, "DROP TRIGGER IF EXISTS " + name);
            }
          });
    }
  }

  /** Every trigger of ours, quoted, with its table. */
  private static Map<String, LocalName> ours(Connection connection) throws SQLException {
    Map<String, LocalName> names = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_TABLE"
                    + " FROM information_schema.TRIGGERS WHERE "
                    + OURS)) {
      while (row.next()) {
        names.put(
            quoted(row.getString(1), row.getString(2)),
            new LocalName(row.getString(1), row.getString(3)));
      }
    }
    return names;
  }

  /** What is done while nobody can write to the tables. */
  public interface Inside {
    void run() throws SQLException;
  }
}
