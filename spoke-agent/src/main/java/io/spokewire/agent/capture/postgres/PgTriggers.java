package io.spokewire.agent.capture.postgres;

import static io.spokewire.agent.schema.postgres.PgDatabase.quoted;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.postgres.PgFaults;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The triggers that log changes: two on each table, and a function of the agent's own for them.
 *
 * <p>A function says nothing about columns: it writes whole rows as text, and of which columns they
 * are. So a table may be altered at any time. It runs with the agent's rights and settings, so that
 * users need no rights in {@code spokewire} and their settings change no value. It only inserts:
 * users never wait for each other there.
 *
 * <p>Each table has its own function, because whoever may make a trigger may not drop it unless the
 * table is his; dropping the function takes its triggers along.
 *
 * <p>Safe from any thread.
 */
public final class PgTriggers {
  /**
   * Stands before every other name, so that what a user's trigger does follows what it was fired
   * by.
   */
  private static final String NAME = "!spokewire";

  private static final String FUNCTION = "capture_";

  private static final String BODY =
      """
      DECLARE
        present bigint := (SELECT hashtextextended(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME || ':'
            || string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, ','
                 ORDER BY a.attnum), 0)
          FROM pg_attribute a
          WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped);
      BEGIN
        IF NOT EXISTS (SELECT FROM spokewire.change_shape s
            WHERE s.relation = TG_RELID AND s.shape = present) THEN
          INSERT INTO spokewire.change_shape
          SELECT TG_RELID, present,
              ARRAY(SELECT a.attname::text FROM pg_attribute a
                WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum),
              r.root, n.nspname, c.relname,
              array_agg(a.attname::text ORDER BY a.attnum),
              array_agg(a.atttypid::bigint ORDER BY a.attnum),
              array_agg(a.atttypmod ORDER BY a.attnum)
            FROM (SELECT coalesce(pg_partition_root(TG_RELID)::oid, TG_RELID) AS root) r
            JOIN pg_class c ON c.oid = r.root
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            GROUP BY r.root, n.nspname, c.relname;
        END IF;
        CASE TG_OP
          WHEN 'INSERT' THEN
            INSERT INTO spokewire.change_log (operation, relation, shape, depth, new_row)
              VALUES ('I', TG_RELID, present, pg_trigger_depth(), NEW::text);
          WHEN 'UPDATE' THEN
            INSERT INTO spokewire.change_log (operation, relation, shape, depth, old_row, new_row)
              VALUES ('U', TG_RELID, present, pg_trigger_depth(), OLD::text, NEW::text);
          WHEN 'DELETE' THEN
            INSERT INTO spokewire.change_log (operation, relation, shape, depth, old_row)
              VALUES ('D', TG_RELID, present, pg_trigger_depth(), OLD::text);
          WHEN 'TRUNCATE' THEN
            INSERT INTO spokewire.change_log (operation, relation, shape)
              VALUES ('T', TG_RELID, present);
        END CASE;
        RETURN NULL;
      END
      """;

  private static final String SETTINGS =
      " SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET TimeZone = 'UTC'"
          + " SET IntervalStyle = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex'"
          + " SET lc_monetary = 'C' SET xmlbinary = 'base64'";

  /** The statements that make the triggers of a table, in order; for whoever may. */
  public static List<String> sql(Connection connection, LocalTable table) throws SQLException {
    String function = quoted("spokewire", FUNCTION + oid(connection, table));
    String on = " ON " + quoted(table.schemaName(), table.tableName());
    return List.of(
        "CREATE OR REPLACE FUNCTION "
            + function
            + "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            + SETTINGS
            + " AS $capture$\n"
            + BODY
            + "$capture$",
        "REVOKE ALL ON FUNCTION " + function + "() FROM PUBLIC",
        "CREATE TRIGGER \""
            + NAME
            + "\" AFTER INSERT OR UPDATE OR DELETE"
            + on
            + " FOR EACH ROW EXECUTE FUNCTION "
            + function
            + "()",
        "CREATE TRIGGER \""
            + NAME
            + "_truncate\" AFTER TRUNCATE"
            + on
            + " FOR EACH STATEMENT EXECUTE FUNCTION "
            + function
            + "()");
  }

  /** Less than a deadlock takes to be found, so that it is never a user whom it costs anything. */
  private static final String PATIENCE = "SET LOCAL lock_timeout = '800ms'";

  private static final int ATTEMPTS = 100;
  private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();
  private static final String NOT_NOW = "55P03";

  /**
   * Makes the triggers of these tables anew, one table after the other, each in a transaction of
   * its own: two locks at once would be a deadlock with whoever takes them in another order. All
   * the same, who is still writing when the last one is made has written nothing that no trigger
   * saw: making one waits for whoever has written to its table.
   *
   * @param connection in autocommit mode
   * @throws Fault REFUSED with the exact right as its hint if the role may not
   */
  public void makeEach(Connection connection, Collection<LocalTable> tables) throws SQLException {
    for (LocalTable table : tables) {
      inPeace(connection, () -> make(connection, List.of(table)));
    }
  }

  /** Takes every trigger of ours away, one table after the other. */
  public void dropEach(Connection connection) throws SQLException {
    for (String function : functions(connection)) {
      inPeace(
          connection,
          () -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute("DROP FUNCTION IF EXISTS " + function + " CASCADE");
            }
          });
    }
  }

  /** Tries until it gets its lock; who waits for us meanwhile waits for less than a second. */
  private static void inPeace(Connection connection, Step step) throws SQLException {
    connection.setAutoCommit(false);
    try {
      for (int attempt = 1; ; attempt++) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(PATIENCE);
          step.run();
          connection.commit();
          return;
        } catch (SQLException e) {
          connection.rollback();
          if (!NOT_NOW.equals(e.getSQLState()) || attempt == ATTEMPTS) {
            throw e;
          }
        } catch (RuntimeException e) {
          connection.rollback();
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private interface Step {
    void run() throws SQLException;
  }

  /**
   * Makes the triggers of these tables anew, in the connection's transaction: until its end nobody
   * writes to them, and nobody has who is not done.
   *
   * @throws Fault REFUSED with the exact right as its hint if the role may not
   */
  public void make(Connection connection, Collection<LocalTable> tables) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (LocalTable table : tables) {
        statement.execute(
            "DROP FUNCTION IF EXISTS "
                + quoted("spokewire", FUNCTION + oid(connection, table))
                + "() CASCADE");
        for (String command : sql(connection, table)) {
          try {
            statement.execute(command);
          } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
              throw refused(connection, table, e);
            }
            throw e;
          }
        }
      }
    }
  }

  private static Fault refused(Connection connection, LocalTable table, SQLException e)
      throws SQLException {
    return Fault.of(FaultKind.REFUSED, "make the triggers", "the role may not")
        .at(table.schemaName() + "." + table.tableName())
        .hint("let the owner of the table run: " + grant(connection, table))
        .causedBy(e);
  }

  /** What lets the role make the triggers of a table. */
  public static String grant(Connection connection, LocalTable table) throws SQLException {
    return "GRANT TRIGGER ON "
        + quoted(table.schemaName(), table.tableName())
        + " TO "
        + quoted(connection.getMetaData().getUserName())
        + ";";
  }

  /** Whether the role may make the triggers of a table. */
  public boolean mayMake(Connection connection, LocalTable table) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT has_table_privilege(?::regclass, 'TRIGGER')")) {
      query.setString(1, quoted(table.schemaName(), table.tableName()));
      try (ResultSet row = query.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /**
   * The tables that have both triggers, enabled. What stands for a table changes whenever somebody
   * touches one of them, and if it is dropped and made again.
   */
  public Map<LocalName, String> made(Connection connection) throws SQLException {
    Map<LocalName, String> made = new TreeMap<>(java.util.Comparator.comparing(Object::toString));
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT n.nspname, c.relname,"
                    + " string_agg(t.oid || '/' || t.xmin, ' ' ORDER BY t.tgname)"
                    + " FROM pg_catalog.pg_trigger t"
                    + " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
                    + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                    + " JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid"
                    + " WHERE p.pronamespace = pg_catalog.to_regnamespace('spokewire')"
                    + " AND t.tgparentid = 0 AND t.tgenabled IN ('O', 'A')"
                    + " AND (t.tgname = '"
                    + NAME
                    + "' OR t.tgname = '"
                    + NAME
                    + "_truncate')"
                    + " GROUP BY n.nspname, c.relname HAVING count(*) = 2")) {
      while (row.next()) {
        made.put(new LocalName(row.getString(1), row.getString(2)), row.getString(3));
      }
    }
    return made;
  }

  private static List<String> functions(Connection connection) throws SQLException {
    List<String> functions = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p"
                    + " WHERE p.pronamespace = pg_catalog.to_regnamespace('spokewire')"
                    + " AND p.proname LIKE 'capture\\_%'")) {
      while (row.next()) {
        functions.add(row.getString(1));
      }
    }
    return functions;
  }

  private static long oid(Connection connection, LocalTable table) throws SQLException {
    String name = quoted(table.schemaName(), table.tableName());
    try (PreparedStatement query =
        connection.prepareStatement("SELECT pg_catalog.to_regclass(?)::oid::bigint")) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        long oid = row.getLong(1);
        if (row.wasNull()) {
          throw PgFaults.of(
              "make the triggers", name, new SQLException("the table is gone", "42P01"));
        }
        return oid;
      }
    }
  }
}
