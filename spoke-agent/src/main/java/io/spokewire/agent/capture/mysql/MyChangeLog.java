package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.mysql.IdSnapshot.Range;
import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What triggers write and capture reads, in database {@code spokewire}: {@code change_log} (changed
 * rows and marks, each with its session and transaction), {@code change_shape} (which columns such
 * a row has) and {@code change_batch} (what was seen at the end of each batch of transactions).
 *
 * <p>A batch is what one consistent read sees and the one before did not. Which numbers a read saw
 * is kept, with the holes among them, so that a batch is the same whenever it is read, and what
 * comes into a hole later is not lost. InnoDB's read views are closed under the order in which
 * transactions write rows.
 *
 * <p>One connection, one thread, in autocommit mode.
 */
public final class MyChangeLog implements ChangeLog {
  private static final Map<String, String> TABLES =
      Map.of(
          "change_log",
          """
          CREATE TABLE spokewire.change_log (
            id bigint AUTO_INCREMENT PRIMARY KEY,
            session bigint unsigned NOT NULL,
            trx varchar(80) NOT NULL,
            made datetime(6) NOT NULL,
            operation char(1) NOT NULL,
            shape bigint,
            image longblob NOT NULL)\
          """,
          "change_shape",
          """
          CREATE TABLE spokewire.change_shape (
            id bigint AUTO_INCREMENT PRIMARY KEY,
            database_name varchar(64) NOT NULL,
            table_name varchar(64) NOT NULL,
            shape longblob NOT NULL)\
          """,
          "change_batch",
          """
          CREATE TABLE spokewire.change_batch (
            number bigint PRIMARY KEY,
            snapshot longtext NOT NULL)\
          """);

  private static final String KIND =
      " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

  private static final int NO_TABLE_RIGHT = 1142;
  private static final int NO_RIGHT = 1227;

  /** How many numbers are deleted at once. */
  private static final int AT_ONCE = 500;

  private final Connection connection;

  public MyChangeLog(Connection connection) {
    this.connection = connection;
  }

  /** Makes what is missing of the tables. Database {@code spokewire} is there. */
  public void prepare() throws SQLException {
    for (String table : List.of("change_log", "change_shape", "change_batch")) {
      if (!exists(connection, table)) {
        execute(TABLES.getOrDefault(table, "") + KIND);
      }
    }
  }

  @Override
  public boolean exists() throws SQLException {
    return exists(connection, "change_batch");
  }

  /**
   * Begins anew here: what is seen now is not read any more. To be called when the triggers are
   * made.
   *
   * @return the batch that ends here
   */
  public long begin() throws SQLException {
    long number = last().map(batch -> batch + 1).orElse(0L);
    IdSnapshot nothing = new IdSnapshot(0, List.of());
    IdSnapshot seen = look(nothing, new HashSet<>());
    put(number, seen);
    delete(seen.since(nothing));
    execute("DELETE FROM spokewire.change_batch WHERE number < " + number);
    return number;
  }

  /**
   * Ends the last batch here. To be called while nobody can write to the tables.
   *
   * @return its number
   */
  public long end() throws SQLException {
    long last = last().orElse(0L);
    IdSnapshot seen = snapshot(last);
    put(last + 1, look(seen == null ? new IdSnapshot(0, List.of()) : seen, new HashSet<>()));
    return last + 1;
  }

  void put(long number, IdSnapshot snapshot) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT IGNORE INTO spokewire.change_batch VALUES (?, ?)")) {
      insert.setLong(1, number);
      insert.setString(2, snapshot.text());
      insert.executeUpdate();
    }
  }

  @Override
  public Optional<Long> first() throws SQLException {
    return number(connection, "SELECT min(number) FROM spokewire.change_batch");
  }

  @Override
  public Optional<Long> last() throws SQLException {
    return number(connection, "SELECT max(number) FROM spokewire.change_batch");
  }

  /**
   * As {@link #snapshot(long)}.
   *
   * @throws Fault NEGATIVE if it is not known
   */
  IdSnapshot demandSnapshot(long batch) throws SQLException {
    IdSnapshot known = snapshot(batch);
    if (known == null) {
      throw lost("spokewire.change_batch", "the end of batch " + batch + " is gone");
    }
    return known;
  }

  /** What was seen at a batch's end; null if it is not known. */
  @Nullable IdSnapshot snapshot(long batch) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet row =
            query.executeQuery(
                "SELECT snapshot FROM spokewire.change_batch WHERE number = " + batch)) {
      return row.next() ? IdSnapshot.parse(row.getString(1)) : null;
    }
  }

  /**
   * Looks what is there now and was not before, in one statement and so in one read view.
   *
   * @param shapes takes the shapes of what came
   * @return what is seen now; the same object if nothing came
   */
  IdSnapshot look(IdSnapshot before, Set<Long> shapes) throws SQLException {
    StringBuilder query =
        new StringBuilder("SELECT id, shape FROM spokewire.change_log WHERE id > ")
            .append(before.upTo());
    for (Range hole : before.holes()) {
      query.append(" OR ").append(condition(hole));
    }
    List<Range> came = new ArrayList<>();
    try (Statement statement = streaming();
        ResultSet row = statement.executeQuery(query + " ORDER BY id")) {
      long from = 0;
      long to = -1;
      while (row.next()) {
        long id = row.getLong(1);
        if (id != to + 1) {
          if (from <= to) {
            came.add(new Range(from, to));
          }
          from = id;
        }
        to = id;
        long shape = row.getLong(2);
        if (!row.wasNull()) {
          shapes.add(shape);
        }
      }
      if (from <= to) {
        came.add(new Range(from, to));
      }
    }
    return came.isEmpty() ? before : before.and(came);
  }

  /**
   * The rows with these numbers: transactions in an order that keeps that of every row's versions,
   * their rows as they were written. The statement is for the caller to close.
   *
   * <p>A number is given out while its row is locked, and a transaction that writes the row after
   * another gets one after all of the other's: so the last number decides.
   */
  Statement rows(List<Range> ranges, List<ResultSet> result) throws SQLException {
    StringBuilder numbers = new StringBuilder();
    for (Range range : ranges) {
      numbers.append(numbers.isEmpty() ? "" : " OR ").append(condition(range));
    }
    Statement statement = streaming();
    result.add(
        statement.executeQuery(
            "SELECT c.session, c.trx, p.place,"
                + " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', c.made), c.operation, c.shape, c.image"
                + " FROM (SELECT id, max(id) OVER (PARTITION BY session, trx) AS place"
                + "   FROM spokewire.change_log WHERE "
                + numbers
                + ") p JOIN spokewire.change_log c ON c.id = p.id ORDER BY p.place, p.id"));
    return statement;
  }

  /** Whose rows come as they are taken; nothing else may be asked meanwhile. */
  private Statement streaming() throws SQLException {
    Statement statement =
        connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
    statement.setFetchSize(Integer.MIN_VALUE);
    return statement;
  }

  private static String condition(Range range) {
    return range.from() == range.to()
        ? "id = " + range.from()
        : "id BETWEEN " + range.from() + " AND " + range.to();
  }

  @Override
  public void forget(long batch) throws SQLException {
    IdSnapshot from = snapshot(first().orElse(batch));
    IdSnapshot to = snapshot(batch);
    if (from == null || to == null) {
      return;
    }
    delete(to.since(from));
    execute("DELETE FROM spokewire.change_batch WHERE number < " + batch);
  }

  private void delete(List<Range> ranges) throws SQLException {
    List<Long> ids = new ArrayList<>(AT_ONCE);
    for (Range range : ranges) {
      for (long id = range.from(); id <= range.to(); id++) {
        ids.add(id);
        if (ids.size() == AT_ONCE) {
          delete(ids);
          ids.clear();
        }
      }
    }
    if (!ids.isEmpty()) {
      delete(ids);
    }
  }

  /**
   * Looks each row up by its number: a scan, which a server may prefer for a short table, would
   * wait for whoever writes beside what it deletes.
   */
  private void delete(Collection<Long> ids) throws SQLException {
    execute(
        ids.stream()
            .map(id -> "SELECT " + id + " AS id")
            .collect(
                Collectors.joining(
                    " UNION ALL ",
                    "DELETE spokewire.change_log FROM (",
                    ") AS u STRAIGHT_JOIN spokewire.change_log FORCE INDEX (PRIMARY)"
                        + " ON change_log.id = u.id")));
  }

  /** As the server's statistics have it. */
  @Override
  public long bytes() throws SQLException {
    if (number(connection, "SELECT EXISTS (SELECT 1 FROM spokewire.change_log)")
        .equals(Optional.of(0L))) {
      return 0;
    }
    return number(
            connection,
            "SELECT DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = 'spokewire' AND TABLE_NAME = 'change_log'")
        .orElse(0L);
  }

  /**
   * Writes a sealed mark into the transaction, which is one of its own unless {@code
   * @spokewire_trx} names it. Of apply's, the first thing there.
   */
  public static void mark(Connection connection, Bytes sealed) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO spokewire.change_log (session, trx, made, operation, image)"
                + " VALUES (CONNECTION_ID(), COALESCE(@spokewire_trx, CONCAT('m', UUID_SHORT())),"
                + " UTC_TIMESTAMP(6), 'M', ?)")) {
      insert.setBytes(1, sealed.toByteArray());
      insert.executeUpdate();
    }
  }

  /**
   * The transactions that write now, by their numbers; empty if we may not ask. What the server
   * says is up to a tenth of a second old.
   */
  Optional<Set<String>> active() throws SQLException {
    Set<String> active = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT trx_id FROM information_schema.INNODB_TRX")) {
      while (row.next()) {
        active.add(row.getString(1));
      }
      return Optional.of(active);
    } catch (SQLException e) {
      if (e.getErrorCode() == NO_RIGHT || e.getErrorCode() == NO_TABLE_RIGHT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void drop() throws SQLException {
    execute(
        "DROP TABLE IF EXISTS spokewire.change_log, spokewire.change_shape,"
            + " spokewire.change_batch");
  }

  @Override
  public Fault lost(Object place, String reason) {
    return Fault.of(FaultKind.NEGATIVE, "capture", reason).at(place).hint(Resync.HINT).build();
  }

  /** Whether database {@code spokewire} has a table of this name. */
  static boolean exists(Connection connection, String table) throws SQLException {
    return number(
            connection,
            "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'spokewire'"
                + " AND TABLE_NAME = '"
                + table
                + "'")
        .equals(Optional.of(1L));
  }

  private static Optional<Long> number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      if (!row.next()) {
        return Optional.empty();
      }
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
