package io.spokewire.agent.pipeline;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The tables of one database that the plan means, as its catalogue has them. */
public final class PlannedTables implements SiteTables {
  private final SiteCatalogue database;
  private final StateFile state;
  private volatile TableScope scope = new TableScope(List.of(), "");
  private volatile ProtectedTables protectedTables = ProtectedTables.NONE;
  private volatile TableCatalogue catalogue = new TableCatalogue(List.of(), List.of());

  public PlannedTables(SiteCatalogue database, StateFile state) {
    this.database = database;
    this.state = state;
  }

  /** The plan's tables as they are named here. */
  public TableScope scope() {
    return scope;
  }

  /** Those that are in use. */
  public List<LocalTable> inUse() {
    return catalogue.tables();
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
    try (SiteCatalogue.Reading reading = database.open()) {
      TableCatalogue tables = reading.read(scopeOf(plan, reading));
      TableReport report = report(plan, tables, reading.lacking(tables.tables()));
      return state.get().membership().isPresent() ? asOfNow(reading, tables, report) : report;
    }
  }

  /**
   * Of a table that is not in use yet at a live spoke, it counts whether it is empty now: what was
   * written to it outside the plan was not sent to anybody.
   */
  private TableReport asOfNow(
      SiteCatalogue.Reading reading, TableCatalogue tables, TableReport report) {
    List<TableDescription> descriptions = new ArrayList<>();
    for (TableDescription d : report.tables()) {
      Optional<LocalTable> local = tables.find(d.table());
      boolean isNew = local.isPresent() && catalogue.find(d.table()).isEmpty();
      descriptions.add(isNew ? emptyAtStart(d, reading.isEmpty(local.get())) : d);
    }
    return new TableReport(report.plan(), descriptions, report.problems(), report.agreedTypes());
  }

  @Override
  public TableReport take(PlanScope plan) {
    try (SiteCatalogue.Reading reading = database.open()) {
      TableScope next = scopeOf(plan, reading);
      TableCatalogue tables = reading.read(next);
      List<TableReport.Problem> problems = reading.capture(next.defaultSchema(), tables.tables());
      protectedTables = plan.protectedTables();
      scope = next;
      catalogue = tables;
      return report(plan, tables, problems);
    }
  }

  private static TableScope scopeOf(PlanScope plan, SiteCatalogue.Reading reading) {
    return new TableScope(
        plan.patterns().stream().map(TablePattern::new).toList(),
        reading.defaultSchema(),
        plan.agreedTypes());
  }

  private TableReport report(
      PlanScope plan, TableCatalogue tables, List<TableReport.Problem> more) {
    Set<String> empty = new HashSet<>(state.get().emptyAtStart());
    List<TableDescription> descriptions = new ArrayList<>();
    for (LocalTable table : tables.tables()) {
      String local = table.schemaName() + "." + table.tableName();
      descriptions.add(emptyAtStart(table.description(), empty.contains(local)));
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

  private static TableDescription emptyAtStart(TableDescription d, boolean empty) {
    return new TableDescription(
        d.schema(), d.uniqueSets(), d.foreignKeys(), d.beforeImages(), empty, d.generators());
  }
}
