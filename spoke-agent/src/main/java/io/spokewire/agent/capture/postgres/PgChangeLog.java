package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What triggers write and capture reads, in schema {@code spokewire}: {@code change_log} (changed
 * rows and marks, each with its transaction), {@code change_shape} (which columns such a row has)
 * and {@code change_batch} (up to which snapshot each batch of transactions goes).
 *
 * <p>A batch is what one snapshot sees and the one before did not. Snapshots are closed under the
 * order in which transactions write rows: whoever overwrites what another wrote is never seen
 * without it. Numbers that are given out at writing are not, since transactions end in another
 * order. The snapshots are kept, so that a batch is the same whenever it is read.
 *
 * <p>One connection, one thread; commits as the connection does.
 */
public final class PgChangeLog implements ChangeLog {
  private static final Map<String, String> TABLES =
      Map.of(
          "change_log",
          """
          CREATE TABLE spokewire.change_log (
            id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
            xid xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
            at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
            operation "char" NOT NULL,
            relation oid,
            shape bigint,
            depth integer NOT NULL DEFAULT 1,
            old_row text,
            new_row text,
            mark bytea)
            WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
              autovacuum_vacuum_insert_scale_factor = 1);
          CREATE INDEX ON spokewire.change_log (xid)
          """,
          "change_shape",
          """
          CREATE TABLE spokewire.change_shape (
            relation oid NOT NULL,
            shape bigint NOT NULL,
            names text[] NOT NULL,
            root oid NOT NULL,
            schema_name text NOT NULL,
            table_name text NOT NULL,
            root_names text[] NOT NULL,
            root_types bigint[] NOT NULL,
            root_modifiers integer[] NOT NULL);
          CREATE INDEX ON spokewire.change_shape (relation, shape)
          """,
          "change_batch",
          """
          CREATE TABLE spokewire.change_batch (
            number bigint PRIMARY KEY,
            snapshot pg_snapshot NOT NULL)
          """);

  private final Connection connection;

  public PgChangeLog(Connection connection) {
    this.connection = connection;
  }

  /** Makes what is missing of the tables. Schema {@code spokewire} is there. */
  public void prepare() throws SQLException {
    for (String table : java.util.List.of("change_log", "change_shape", "change_batch")) {
      if (!exists(connection, table)) {
        execute(TABLES.getOrDefault(table, ""));
      }
    }
  }

  @Override
  public boolean exists() throws SQLException {
    return exists(connection, "change_batch");
  }

  /**
   * Begins anew with the transaction's snapshot: what that sees is not read any more. To be called
   * when the triggers are made.
   *
   * @return the batch that ends here
   */
  public long begin() throws SQLException {
    long number = last().map(batch -> batch + 1).orElse(0L);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.change_batch VALUES (?, pg_catalog.pg_current_snapshot())")) {
      insert.setLong(1, number);
      insert.executeUpdate();
    }
    forget(number);
    return number;
  }

  /**
   * Ends a batch at a snapshot.
   *
   * @return its number
   */
  public long endAt(String snapshot) throws SQLException {
    long number = last().map(batch -> batch + 1).orElse(0L);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.change_batch VALUES (?, ?::pg_snapshot)")) {
      insert.setLong(1, number);
      insert.setString(2, snapshot);
      insert.executeUpdate();
    }
    return number;
  }

  /**
   * What an exported snapshot sees.
   *
   * @param connection in autocommit mode
   * @param name as the server exported it
   */
  public static String snapshot(Connection connection, String name) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      statement.execute("SET TRANSACTION SNAPSHOT '" + name.replace("'", "''") + "'");
      try (ResultSet row =
          statement.executeQuery("SELECT pg_catalog.pg_current_snapshot()::text")) {
        row.next();
        return regular(row.getString(1));
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /**
   * A slot's snapshot may end before it begins, where the last numbers before it were of nobody who
   * committed here: all before its beginning is seen then, and nothing else. As text the server
   * does not take that back.
   */
  static String regular(String snapshot) {
    String[] parts = snapshot.split(":", -1);
    boolean ends = Long.compareUnsigned(Long.parseLong(parts[1]), Long.parseLong(parts[0])) >= 0;
    return ends ? snapshot : parts[0] + ":" + parts[0] + ":";
  }

  @Override
  public Optional<Long> first() throws SQLException {
    return number("SELECT min(number) FROM spokewire.change_batch");
  }

  @Override
  public Optional<Long> last() throws SQLException {
    return number("SELECT max(number) FROM spokewire.change_batch");
  }

  /**
   * As {@link #snapshot(long)}.
   *
   * @throws Fault NEGATIVE if it is not known
   */
  String demandSnapshot(long batch) throws SQLException {
    String known = snapshot(batch);
    if (known == null) {
      throw lost("spokewire.change_batch", "the end of batch " + batch + " is gone");
    }
    return known;
  }

  /** The snapshot at a batch's end; null if it is not known. */
  @Nullable String snapshot(long batch) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT snapshot::text FROM spokewire.change_batch WHERE number = ?")) {
      query.setLong(1, batch);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  /**
   * Ends the next batch at the present snapshot, if that sees anything new.
   *
   * @param previous the batch that ends last
   * @param snapshot at its end
   */
  void endNext(long previous, String snapshot) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.change_batch SELECT ?, pg_catalog.pg_current_snapshot()"
                + " WHERE EXISTS (SELECT FROM spokewire.change_log"
                + " WHERE xid >= pg_catalog.pg_snapshot_xmin(?::pg_snapshot)"
                + " AND NOT pg_catalog.pg_visible_in_snapshot(xid, ?::pg_snapshot))"
                + " ON CONFLICT DO NOTHING")) {
      insert.setLong(1, previous + 1);
      insert.setString(2, snapshot);
      insert.setString(3, snapshot);
      insert.executeUpdate();
    }
  }

  /**
   * The rows of a batch: transactions in an order that keeps that of every row's versions, their
   * rows as they were written. The statement is for the caller to close.
   *
   * <p>A number is given out while its row is locked, and a transaction that writes the row after
   * another gets one after all of the other's: so the last number decides.
   */
  PreparedStatement rows(String previous, String snapshot) throws SQLException {
    PreparedStatement query =
        connection.prepareStatement(
            "SELECT c.xid::text, (EXTRACT(epoch FROM c.at) * 1000000)::bigint, c.operation::text,"
                + " c.relation, c.shape, c.old_row, c.new_row, c.mark, c.depth,"
                + " max(c.depth) OVER (PARTITION BY c.xid),"
                + " max(c.id) OVER (PARTITION BY c.xid) AS place"
                + " FROM spokewire.change_log c"
                + " WHERE c.xid >= pg_catalog.pg_snapshot_xmin(?::pg_snapshot)"
                + " AND c.xid < pg_catalog.pg_snapshot_xmax(?::pg_snapshot)"
                + " AND pg_catalog.pg_visible_in_snapshot(c.xid, ?::pg_snapshot)"
                + " AND NOT pg_catalog.pg_visible_in_snapshot(c.xid, ?::pg_snapshot)"
                + " ORDER BY place, c.id");
    query.setString(1, previous);
    query.setString(2, snapshot);
    query.setString(3, snapshot);
    query.setString(4, previous);
    query.setFetchSize(500);
    return query;
  }

  @Override
  public void forget(long batch) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "WITH ends AS (SELECT snapshot FROM spokewire.change_batch WHERE number = ?),"
                + " gone AS (DELETE FROM spokewire.change_log c USING ends e"
                + "   WHERE c.xid < pg_catalog.pg_snapshot_xmax(e.snapshot)"
                + "   AND pg_catalog.pg_visible_in_snapshot(c.xid, e.snapshot))"
                + " DELETE FROM spokewire.change_batch b USING ends WHERE b.number < ?")) {
      delete.setLong(1, batch);
      delete.setLong(2, batch);
      delete.executeUpdate();
    }
  }

  /** What was deleted and is not yet used again counts too. */
  @Override
  public long bytes() throws SQLException {
    return number(
            "SELECT CASE WHEN EXISTS (SELECT FROM spokewire.change_log)"
                + " THEN pg_catalog.pg_total_relation_size('spokewire.change_log') ELSE 0 END")
        .orElse(0L);
  }

  /** Writes a sealed mark into the transaction. For apply it has to be the last thing there. */
  public static void mark(Connection connection, Bytes sealed) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.change_log (operation, mark) VALUES ('M', ?)")) {
      insert.setBytes(1, sealed.toByteArray());
      insert.executeUpdate();
    }
  }

  @Override
  public void drop() throws SQLException {
    execute(
        "DROP TABLE IF EXISTS spokewire.change_log, spokewire.change_shape,"
            + " spokewire.change_batch CASCADE");
  }

  @Override
  public Fault lost(Object place, String reason) {
    return Fault.of(FaultKind.NEGATIVE, "capture", reason).at(place).hint(PgSlot.RESYNC).build();
  }

  /** Whether schema {@code spokewire} has a table of this name. */
  static boolean exists(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pg_catalog.to_regclass('spokewire." + table + "') IS NOT NULL")) {
      return row.next() && row.getBoolean(1);
    }
  }

  private Optional<Long> number(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      long number = row.getLong(1);
      return row.wasNull() ? Optional.empty() : Optional.of(number);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
