package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.apply.TableMap;
import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.pipeline.LocalTables;
import io.spokewire.agent.schema.LocalName;
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
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tables of one PostgreSQL database that the plan means, for control, capture and apply. A
 * table that comes into the publication later than the join is looked at under a lock, so that "it
 * was empty where its capture began" is exact.
 *
 * <p>Threading: {@code check} and {@code take} by the control loop; {@link #scope()} and {@link
 * #find} by any.
 */
public final class PgTables implements LocalTables, TableMap {
  private final PgDatabase database;
  private final Optional<PgPublication> publication;
  private final StateFile state;
  private volatile TableScope scope = new TableScope(List.of(), "public");
  private volatile TableCatalogue catalogue = new TableCatalogue(List.of(), List.of());

  /**
   * @param publication empty for a spoke that does not send
   */
  public PgTables(PgDatabase database, Optional<PgPublication> publication, StateFile state) {
    this.database = database;
    this.publication = publication;
    this.state = state;
  }

  /** The plan's tables as they are named here. */
  public TableScope scope() {
    return scope;
  }

  @Override
  public Optional<LocalTable> find(TableName table) {
    return catalogue.find(table);
  }

  @Override
  public TableReport check(PlanScope plan) {
    try (Connection connection = database.connect()) {
      PgCatalogue reader = new PgCatalogue(connection);
      return report(plan, reader.read(scopeOf(plan, reader), Set.of()), List.of());
    } catch (SQLException e) {
      throw PgFaults.of("read the tables", database, e);
    }
  }

  @Override
  public TableReport take(PlanScope plan) {
    try (Connection connection = database.connect()) {
      PgCatalogue reader = new PgCatalogue(connection);
      TableScope next = scopeOf(plan, reader);
      TableCatalogue tables = reader.read(next, Set.of());
      List<TableReport.Problem> problems = new ArrayList<>();
      if (publication.isPresent()) {
        publish(connection, publication.get(), tables.tables(), problems);
      }
      scope = next;
      catalogue = tables;
      return report(plan, tables, problems);
    } catch (SQLException e) {
      throw PgFaults.of("take the plan's tables into use", database, e);
    }
  }

  private static TableScope scopeOf(PlanScope plan, PgCatalogue reader) throws SQLException {
    return new TableScope(
        plan.patterns().stream().map(TablePattern::new).toList(), reader.defaultSchema());
  }

  private void publish(
      Connection connection,
      PgPublication to,
      Collection<LocalTable> tables,
      List<TableReport.Problem> problems)
      throws SQLException {
    Set<LocalName> carried = PgSetup.carried(connection, to.name());
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (carried.contains(local)) {
        continue;
      }
      try {
        boolean empty = lockedAndEmpty(connection, table);
        to.ensure(connection, List.of(table)); // commits, and so lets the lock go
        if (empty) {
          state.update(s -> s.withEmpty(added(s.emptyAtStart(), local.toString())));
        }
      } catch (Fault fault) {
        if (fault.kind() != FaultKind.REFUSED) {
          throw fault;
        }
        problems.add(
            new TableReport.Problem(
                table.table(), "its changes are not published", fault.hint(), true));
      } finally {
        if (!connection.getAutoCommit()) {
          connection.rollback();
          connection.setAutoCommit(true);
        }
      }
    }
  }

  private static List<String> added(List<String> names, String name) {
    Set<String> more = new TreeSet<>(names);
    more.add(name);
    return List.copyOf(more);
  }

  /** With writers kept out until the commit: whoever writes after it is captured. */
  private static boolean lockedAndEmpty(Connection connection, LocalTable table)
      throws SQLException {
    String name = PgDatabase.quoted(table.schemaName(), table.tableName());
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '5s'");
      statement.execute("LOCK TABLE " + name + " IN SHARE ROW EXCLUSIVE MODE");
      statement.execute("SET LOCAL row_security = off");
      try (ResultSet row =
          statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM " + name + ")")) {
        row.next();
        return row.getBoolean(1);
      }
    } catch (SQLException e) {
      connection.rollback();
      if ("42501".equals(e.getSQLState())) {
        return false; // without the right to lock nothing can be said
      }
      throw e;
    }
  }

  private TableReport report(
      PlanScope plan, TableCatalogue tables, List<TableReport.Problem> more) {
    Set<String> empty = new HashSet<>(state.get().emptyAtStart());
    List<TableDescription> descriptions = new ArrayList<>();
    for (LocalTable table : tables.tables()) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      TableDescription d = table.description();
      descriptions.add(
          new TableDescription(
              d.schema(),
              d.uniqueSets(),
              d.foreignKeys(),
              d.beforeImages(),
              empty.contains(local.toString())));
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
    return new TableReport(plan.version(), descriptions, problems);
  }
}
