package io.spokewire.agent.pipeline.mysql;

import io.spokewire.agent.pipeline.SiteCatalogue;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.agent.stream.TableReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The catalogue of a MySQL or MariaDB database. Its binlog has every table: nothing is chosen.
 * Triggers are on those of the plan.
 */
public final class MySiteCatalogue implements SiteCatalogue {
  private static final int NO_TABLE_RIGHT = 1142;

  private final MyDatabase database;
  private final Optional<MyTriggering> triggering;

  /**
   * @param triggering empty where capture reads the binlog, and for a spoke that does not send
   */
  public MySiteCatalogue(MyDatabase database, Optional<MyTriggering> triggering) {
    this.database = database;
    this.triggering = triggering;
  }

  @Override
  public Reading open() {
    try {
      return new MyReading(database.connect());
    } catch (SQLException e) {
      throw MyFaults.of("read the tables", database, e);
    }
  }

  private final class MyReading implements Reading {
    private final Connection connection;
    private final MyCatalogue catalogue;

    MyReading(Connection connection) {
      this.connection = connection;
      this.catalogue = new MyCatalogue(connection);
    }

    @Override
    public String defaultSchema() {
      try {
        return catalogue.defaultSchema();
      } catch (SQLException e) {
        throw MyFaults.of("ask which database this is", database, e);
      }
    }

    @Override
    public TableCatalogue read(TableScope scope) {
      try {
        return catalogue.read(scope, Set.of());
      } catch (SQLException e) {
        throw MyFaults.of("read the tables", database, e);
      }
    }

    @Override
    public boolean isEmpty(LocalTable table) {
      try {
        return !catalogue.emptyTables(List.of(table)).isEmpty();
      } catch (SQLException e) {
        if (e.getErrorCode() == NO_TABLE_RIGHT) {
          return false;
        }
        throw MyFaults.of("look whether " + table.table() + " is empty", database, e);
      }
    }

    @Override
    public List<TableReport.Problem> lacking(Collection<LocalTable> tables) {
      return List.of();
    }

    @Override
    public List<TableReport.Problem> capture(String defaultSchema, Collection<LocalTable> tables) {
      if (triggering.isEmpty()) {
        return List.of();
      }
      try {
        return triggering.get().take(connection, tables);
      } catch (SQLException e) {
        throw MyFaults.of("have the plan's tables captured", database, e);
      }
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
