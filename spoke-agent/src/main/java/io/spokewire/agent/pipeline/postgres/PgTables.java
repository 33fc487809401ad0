package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.pipeline.SiteTables;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The tables of one PostgreSQL database that the plan means. */
public final class PgTables implements SiteTables {
  private final PgDatabase database;
  private final Optional<PgPublishing> published; // empty for a spoke that does not send
  private final StateFile state;
  private volatile TableScope scope = new TableScope(List.of(), "public");
  private volatile ProtectedTables protectedTables = ProtectedTables.NONE;
  private volatile TableCatalogue catalogue = new TableCatalogue(List.of(), List.of());

  /**
   * @param publication empty for a spoke that does not send
   */
  public PgTables(
      PgDatabase database, Optional<PgPublication> publication, StateFile state, TimeSource time) {
    this.database = database;
    this.published = publication.map(p -> new PgPublishing(p, state, database, time));
    this.state = state;
  }

  /** The plan's tables as they are named here. */
  public TableScope scope() {
    return scope;
  }

  @Override
  public boolean protects(TableName table) {
    return protectedTables.contains(table);
  }

  @Override
  public Optional<LocalTable> find(TableName table) {
    return catalogue.find(table);
  }

  @Override
  public TableReport check(PlanScope plan) {
    try (Connection connection = database.connect()) {
      PgCatalogue reader = new PgCatalogue(connection);
      TableCatalogue tables = reader.read(scopeOf(plan, reader), Set.of());
      List<TableReport.Problem> problems = new ArrayList<>();
      if (published.isPresent()) {
        problems.addAll(published.get().lacking(connection, tables.tables()));
      }
      TableReport report = report(plan, tables, problems);
      return state.get().membership().isPresent() ? asOfNow(connection, tables, report) : report;
    } catch (SQLException e) {
      throw PgFaults.of("read the tables", database, e);
    }
  }

  /**
   * Of a table that is not in use yet at a live spoke, it counts whether it is empty now: what was
   * written to it outside the plan was not sent to anybody.
   */
  private TableReport asOfNow(Connection connection, TableCatalogue tables, TableReport report)
      throws SQLException {
    List<TableDescription> descriptions = new ArrayList<>();
    for (TableDescription d : report.tables()) {
      Optional<LocalTable> local = tables.find(d.table());
      boolean isNew = local.isPresent() && catalogue.find(d.table()).isEmpty();
      descriptions.add(
          isNew
              ? new TableDescription(
                  d.schema(),
                  d.uniqueSets(),
                  d.foreignKeys(),
                  d.beforeImages(),
                  isEmpty(connection, local.get()))
              : d);
    }
    return new TableReport(report.plan(), descriptions, report.problems(), report.agreedTypes());
  }

  private static boolean isEmpty(Connection connection, LocalTable table) throws SQLException {
    String name = PgDatabase.quoted(table.schemaName(), table.tableName());
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM " + name + ")")) {
      row.next();
      return row.getBoolean(1);
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        return false; // without the right to look nothing can be said
      }
      throw e;
    }
  }

  @Override
  public TableReport take(PlanScope plan) {
    try (Connection connection = database.connect()) {
      PgCatalogue reader = new PgCatalogue(connection);
      TableScope next = scopeOf(plan, reader);
      TableCatalogue tables = reader.read(next, Set.of());
      List<TableReport.Problem> problems = new ArrayList<>();
      if (published.isPresent()) {
        problems.addAll(published.get().take(connection, next.defaultSchema(), tables.tables()));
      }
      protectedTables = plan.protectedTables();
      scope = next;
      catalogue = tables;
      return report(plan, tables, problems);
    } catch (SQLException e) {
      throw PgFaults.of("take the plan's tables into use", database, e);
    }
  }

  private static TableScope scopeOf(PlanScope plan, PgCatalogue reader) throws SQLException {
    return new TableScope(
        plan.patterns().stream().map(TablePattern::new).toList(),
        reader.defaultSchema(),
        plan.agreedTypes());
  }

  /**
   * As {@link PgPublishing#demandWhole}, of the tables in use.
   *
   * @throws io.spokewire.common.fault.Fault NEGATIVE if changes were or are left out
   */
  void demandPublished(Connection connection) throws SQLException {
    if (published.isPresent()) {
      published.get().demandWhole(connection, catalogue.tables());
    }
  }

  private TableReport report(
      PlanScope plan, TableCatalogue tables, List<TableReport.Problem> more) {
    Set<String> empty = new HashSet<>(state.get().emptyAtStart());
    List<TableDescription> descriptions = new ArrayList<>();
    for (LocalTable table : tables.tables()) {
      String local = table.schemaName() + "." + table.tableName();
      TableDescription d = table.description();
      descriptions.add(
          new TableDescription(
              d.schema(),
              d.uniqueSets(),
              d.foreignKeys(),
              d.beforeImages(),
              empty.contains(local)));
    }
    List<TableReport.Problem> problems = new ArrayList<>(more);
    for (TableProblem problem : tables.problems()) {
      problems.add(
          new TableReport.Problem(
              new TableName(problem.place()),
              problem.reason(),
              problem.hint(),
              problem.severity() == TableProblem.Severity.REFUSED));
    }
    return new TableReport(plan.version(), descriptions, problems, plan.agreedTypes());
  }
}
