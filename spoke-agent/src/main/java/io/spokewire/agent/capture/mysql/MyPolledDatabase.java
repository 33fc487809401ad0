package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.RowForm;
import io.spokewire.agent.capture.polling.LookQuery;
import io.spokewire.agent.capture.polling.PolledDatabase;
import io.spokewire.agent.capture.polling.PolledTable;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.common.change.Column;
import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A MySQL or MariaDB database that is polled: SELECT is all that it takes. A table that is altered
 * after the snapshot can't be read in it, as the server says.
 */
public final class MyPolledDatabase implements PolledDatabase {
  private static final int DEFINITION_CHANGED = 1412;
  private static final int NO_SUCH_TABLE = 1146;
  private static final int NO_SUCH_COLUMN = 1054;

  /** The fetch size at which the driver gives rows as they are taken. */
  private static final int AS_TAKEN = Integer.MIN_VALUE;

  private final MyDatabase database;
  private final TableScope scope;

  /**
   * @param database that waits as long as it takes
   * @param scope the plan's tables
   */
  public MyPolledDatabase(MyDatabase database, TableScope scope) {
    this.database = database;
    this.scope = scope;
  }

  @Override
  public Look look(Collection<LocalName> tables) {
    try {
      Connection connection = database.connect();
      try {
        return new MyLook(connection);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw fault(e);
    }
  }

  private Fault fault(SQLException e) {
    return switch (e.getErrorCode()) {
      case DEFINITION_CHANGED, NO_SUCH_TABLE, NO_SUCH_COLUMN -> PolledDatabase.altered(database, e);
      default -> MyFaults.of("look at the tables", database, e);
    };
  }

  private final class MyLook implements Look {
    private final Connection connection;
    private final Instant at;
    private final List<LocalTable> tables;

    MyLook(Connection connection) throws SQLException {
      this.connection = connection;
      try (java.sql.Statement statement = connection.createStatement()) {
        try (ResultSet row =
            statement.executeQuery("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)")) {
          row.next();
          at = Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS);
        }
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
      }
      this.tables = new MyCatalogue(connection).read(scope, Set.of()).tables();
    }

    @Override
    public Instant at() {
      return at;
    }

    @Override
    public List<LocalTable> tables() {
      return tables;
    }

    @Override
    public RowForm form(LocalTable table) {
      return LoggedColumn.form(table.schema(), scope.agreedTypes());
    }

    @Override
    public void rows(PolledTable table, Optional<LocalDateTime> from, RowTaker taker) {
      read(table, table.form().schema().columns(), from, taker);
    }

    @Override
    public void keys(PolledTable table, RowTaker taker) {
      read(table, table.keyColumns(), Optional.empty(), taker);
    }

    private void read(
        PolledTable table, List<Column> columns, Optional<LocalDateTime> from, RowTaker taker) {
      LocalName name = table.local();
      String sql =
          LookQuery.of(
              columns.stream().map(MyLook::value).toList(),
              MyDatabase.quoted(name.schemaName(), name.tableName()),
              MyDatabase.quoted(table.growing().name()),
              table.growing(),
              from);
      try {
        LookQuery.run(connection, sql, AS_TAKEN, columns.size(), taker);
      } catch (SQLException e) {
        throw fault(e);
      }
    }

    private static String value(Column column) {
      return RowImage.value(MyDatabase.quoted(column.name()), column.nativeType());
    }

    @Override
    public void close() {
      try {
        connection.close();
      } catch (SQLException e) {
        // The server notices by itself.
      }
    }
  }
}
