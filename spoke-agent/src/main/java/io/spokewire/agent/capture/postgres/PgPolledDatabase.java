package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.ColumnForm;
import io.spokewire.agent.capture.RowForm;
import io.spokewire.agent.capture.polling.LookQuery;
import io.spokewire.agent.capture.polling.PolledDatabase;
import io.spokewire.agent.capture.polling.PolledTable;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgAgreedForm;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A PostgreSQL database that is polled: SELECT is all that it takes. The tables are locked against
 * being altered before the snapshot is taken: to a snapshot from before, one that is written anew
 * looks empty.
 */
public final class PgPolledDatabase implements PolledDatabase {
  private static final int FETCHED_AT_ONCE = 500;

  private final PgDatabase database;
  private final TableScope scope;

  /**
   * @param database that waits as long as it takes
   * @param scope the plan's tables
   */
  public PgPolledDatabase(PgDatabase database, TableScope scope) {
    this.database = database;
    this.scope = scope;
  }

  @Override
  public Look look(Collection<LocalName> tables) {
    try {
      Connection connection = database.connect();
      try {
        return new PgLook(connection, tables);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw fault(e);
    }
  }

  private Fault fault(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.equals("42P01") || state.equals("42703")) {
      return PolledDatabase.altered(database, e);
    }
    return PgFaults.of("look at the tables", database, e);
  }

  /** A column as its type's own output has it. */
  private record PgColumn(LogicalType own, LogicalType agreed) implements ColumnForm {
    @Override
    public void write(byte[] image, int offset, int length, TupleWriter out) {
      PgAgreedForm.write(own, agreed, image, offset, length, out);
    }
  }

  private final class PgLook implements Look {
    private final Connection connection;
    private final Instant at;
    private final List<LocalTable> tables;

    PgLook(Connection connection, Collection<LocalName> read) throws SQLException {
      this.connection = connection;
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET row_security = off"); // what hides rows must fail
        try (ResultSet row =
            statement.executeQuery(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")) {
          row.next();
          at = Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS);
        }
        List<LocalName> present = present(read);
        connection.setAutoCommit(false);
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        statement.execute("SET LOCAL lock_timeout = '10s'");
        for (LocalName table : present) {
          statement.execute("LOCK TABLE " + quoted(table) + " IN ACCESS SHARE MODE");
        }
      }
      this.tables = PgCatalogue.withWholeImages(connection).read(scope, Set.of()).tables();
    }

    private List<LocalName> present(Collection<LocalName> read) throws SQLException {
      List<LocalName> present = new ArrayList<>();
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT pg_catalog.to_regclass(?) IS NOT NULL"
                  + " AND pg_catalog.has_table_privilege(pg_catalog.to_regclass(?), 'SELECT')")) {
        for (LocalName table : read) {
          query.setString(1, quoted(table));
          query.setString(2, quoted(table));
          try (ResultSet row = query.executeQuery()) {
            if (row.next() && row.getBoolean(1)) {
              present.add(table);
            }
          }
        }
      }
      return present;
    }

    private static String quoted(LocalName table) {
      return PgDatabase.quoted(table.schemaName(), table.tableName());
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
      TableSchema own = table.schema();
      TableSchema schema = scope.agreedTypes().in(own);
      List<ColumnForm> columns = new ArrayList<>();
      for (int i = 0; i < own.columns().size(); i++) {
        columns.add(new PgColumn(own.columns().get(i).type(), schema.columns().get(i).type()));
      }
      return new RowForm(schema, columns);
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
      String sql =
          LookQuery.of(
              columns.stream().map(PgLook::value).toList(),
              quoted(table.local()),
              PgDatabase.quoted(table.growing().name()),
              table.growing(),
              from);
      try {
        LookQuery.run(connection, sql, FETCHED_AT_ONCE, columns.size(), taker);
      } catch (SQLException e) {
        throw fault(e);
      }
    }

    /** What the type's output function writes; a cast to text writes some types otherwise. */
    private static String value(Column column) {
      String name = PgDatabase.quoted(column.name());
      return "CASE WHEN "
          + name
          + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', "
          + name
          + ") END";
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
