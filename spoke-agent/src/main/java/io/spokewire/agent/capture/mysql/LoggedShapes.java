package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.agent.schema.mysql.MyShape;
import io.spokewire.common.change.Column;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.type.AgreedTypes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which columns the rows in the change log have, and whether that is all there is: a trigger does
 * not know a column that was added after it was made. When a table has changed and nothing was
 * logged since, its triggers are made anew; when something was, it may lack the new column, and
 * capture stops. One thread.
 */
final class LoggedShapes {
  private static final Logger LOG = LoggerFactory.getLogger(LoggedShapes.class);
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private final MyDatabase database;
  private final Session session;
  private final TableScope scope;
  private final AgreedTypes agreed;
  private final MyTriggers triggers = new MyTriggers();
  private final TimeSource time;
  private final Map<Long, Optional<LoggedShape>> known = new HashMap<>();
  private String columns = "";
  private long lookedAt;

  LoggedShapes(
      MyDatabase database, Session session, TableScope scope, AgreedTypes agreed, TimeSource time) {
    this.database = database;
    this.session = session;
    this.scope = scope;
    this.agreed = agreed;
    this.time = time;
    this.lookedAt = time.nanos() - LOOK_NANOS;
  }

  /** How to read rows of a shape; empty if the plan does not name their table. */
  Optional<LoggedShape> get(long id) {
    return known.computeIfAbsent(
        id,
        shape ->
            session.call(
                "read what a logged row looks like", connection -> read(connection, shape)));
  }

  private Optional<LoggedShape> read(Connection connection, long id) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT database_name, table_name, shape FROM spokewire.change_shape WHERE id = ?")) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new MyChangeLog(connection)
              .lost(
                  "spokewire.change_shape", "the log has rows of a shape that is not known: " + id);
        }
        LocalName table = new LocalName(row.getString(1), row.getString(2));
        byte[] bytes = row.getBytes(3);
        return scope.nameOf(table).map(name -> LoggedShape.of(table, name, bytes, agreed));
      }
    }
  }

  /**
   * Asks that rows of these shapes have every column that their tables have now. To be called after
   * the rows were seen: what was altered before is found.
   *
   * @throws Fault NEGATIVE if one has not
   */
  void demandPresent(Collection<Long> ids) {
    for (long id : ids) {
      Optional<LoggedShape> shape = get(id);
      if (shape.isPresent()) {
        demandPresent(shape.get());
      }
    }
  }

  private void demandPresent(LoggedShape logged) {
    LocalName table = logged.table();
    Optional<MyShape> present =
        session.call(
            "read the shape of " + table, connection -> new MyCatalogue(connection).shape(table));
    if (present.isEmpty() || Arrays.equals(LoggedShape.bytes(present.get()), bytes(logged))) {
      return;
    }
    for (Column column : present.get().columns()) {
      int ordinal = logged.schema().ordinalOf(column.name());
      boolean same =
          ordinal >= 0
              && agreed.of(logged.schema().table(), column.name(), column.type())
                  == logged.schema().columns().get(ordinal).type();
      if (!same) {
        throw Fault.of(
                FaultKind.NEGATIVE,
                "capture",
                "column "
                    + column.name()
                    + " was added or altered, and rows were written before the triggers knew it")
            .at(table)
            .hint(
                Resync.HINT
                    + "; next time alter a table while nobody writes to it, and wait until the"
                    + " agent's log says that its triggers are made anew")
            .build();
      }
    }
  }

  private static byte[] bytes(LoggedShape shape) {
    return shape.bytes().toByteArray();
  }

  /**
   * Makes triggers anew where tables have changed.
   *
   * @param seen everything in the log
   */
  void keepUp(IdSnapshot seen) {
    long now = time.nanos();
    if (now - lookedAt < LOOK_NANOS) {
      return;
    }
    lookedAt = now;
    String present = session.call("look whether tables were altered", LoggedShapes::columns);
    if (present.equals(columns)) {
      return;
    }
    Map<LocalName, String> made = session.call("look at the triggers", triggers::made);
    for (Map.Entry<LocalName, String> each : made.entrySet()) {
      long id = Long.parseLong(each.getValue().replaceAll("^spokewire_(\\d+)_.*$", "$1"));
      Optional<LoggedShape> logged = get(id);
      if (logged.isPresent()) {
        renew(logged.get(), seen);
      }
    }
    columns = present;
  }

  private void renew(LoggedShape logged, IdSnapshot seen) {
    LocalName table = logged.table();
    Optional<MyShape> present =
        session.call(
            "read the shape of " + table, connection -> new MyCatalogue(connection).shape(table));
    if (present.isEmpty() || Arrays.equals(LoggedShape.bytes(present.get()), bytes(logged))) {
      return;
    }
    try (Connection connection = database.connect()) {
      triggers.make(
          connection,
          List.of(table),
          () -> {
            if (new MyChangeLog(connection).look(seen, new HashSet<>()) != seen) {
              demandPresent(logged);
            }
          });
      LOG.info("{} was altered: its triggers are made anew", table);
    } catch (SQLException e) {
      throw MyFaults.of("make the triggers anew", database, e);
    }
  }

  /** Something that changes whenever a column does. */
  private static String columns(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT CONCAT(count(*), ' ', coalesce(sum(CRC32(CONCAT_WS(' ', TABLE_SCHEMA,"
                    + " TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE,"
                    + " COLUMN_KEY, EXTRA))), 0)) FROM information_schema.COLUMNS WHERE"
                    + " TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema',"
                    + " 'information_schema', 'spokewire')")) {
      row.next();
      return row.getString(1);
    }
  }
}
