package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.pipeline.SiteCatalogue;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.stream.TableReport;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The catalogue of a PostgreSQL database, and what of its tables is captured. */
public final class PgSiteCatalogue implements SiteCatalogue {
  private static final String MAY_NOT = "42501";

  private final PgDatabase database;
  private final Optional<? extends PgTableCapture> capture;
  private final boolean byTriggers;

  private PgSiteCatalogue(
      PgDatabase database, Optional<? extends PgTableCapture> capture, boolean byTriggers) {
    this.database = database;
    this.capture = capture;
    this.byTriggers = byTriggers;
  }

  /**
   * Of a spoke whose changes are read from the log.
   *
   * @param published empty for a spoke that does not send
   */
  public PgSiteCatalogue(PgDatabase database, Optional<PgPublishing> published) {
    this(database, published, false);
  }

  /** Of a spoke whose changes are logged by triggers. */
  public static PgSiteCatalogue ofTriggers(PgDatabase database, PgTriggering triggering) {
    return new PgSiteCatalogue(database, Optional.of(triggering), true);
  }

  /** Of a spoke whose tables are polled: rows are whole, and nothing is made here. */
  public static PgSiteCatalogue ofPolling(PgDatabase database) {
    return new PgSiteCatalogue(database, Optional.<PgTableCapture>empty(), true);
  }

  @Override
  public Reading open() {
    try {
      return new PgReading(database.connect());
    } catch (SQLException e) {
      throw PgFaults.of("read the tables", database, e);
    }
  }

  /** A question of this engine. */
  private interface Question<T> {
    T ask() throws SQLException;
  }

  private final class PgReading implements Reading {
    private final Connection connection;
    private final PgCatalogue catalogue;

    PgReading(Connection connection) {
      this.connection = connection;
      this.catalogue =
          byTriggers ? PgCatalogue.withWholeImages(connection) : new PgCatalogue(connection);
    }

    private <T> T ask(String operation, Question<T> question) {
      try {
        return question.ask();
      } catch (SQLException e) {
        throw PgFaults.of(operation, database, e);
      }
    }

    @Override
    public String defaultSchema() {
      return ask("read the search path", catalogue::defaultSchema);
    }

    @Override
    public TableCatalogue read(TableScope scope) {
      return ask("read the tables", () -> catalogue.read(scope, Set.of()));
    }

    @Override
    public boolean isEmpty(LocalTable table) {
      String name = PgDatabase.quoted(table.schemaName(), table.tableName());
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM " + name + ")")) {
        row.next();
        return row.getBoolean(1);
      } catch (SQLException e) {
        if (MAY_NOT.equals(e.getSQLState())) {
          return false;
        }
        throw PgFaults.of("look whether " + name + " is empty", database, e);
      }
    }

    @Override
    public List<TableReport.Problem> lacking(Collection<LocalTable> tables) {
      return capture.isEmpty()
          ? List.of()
          : ask("look at what is captured", () -> capture.get().lacking(connection, tables));
    }

    @Override
    public List<TableReport.Problem> capture(String defaultSchema, Collection<LocalTable> tables) {
      return capture.isEmpty()
          ? List.of()
          : ask(
              "have the plan's tables captured",
              () -> capture.get().take(connection, defaultSchema, tables));
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
