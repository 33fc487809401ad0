package io.spokewire.agent.preflight;

import io.spokewire.agent.capture.polling.GrowingColumn;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.settings.PollSettings;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.Direction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What is to be said of capture by polling, whatever the engine. */
public final class PollCheck {
  private static final String SUBJECT = "capture by polling";

  private final PreflightScope scope;
  private final PollSettings settings;
  private final UnaryOperator<String> quoted;

  /**
   * @param quoted a name as the engine's SQL takes it
   */
  public PollCheck(PreflightScope scope, PollSettings settings, UnaryOperator<String> quoted) {
    this.scope = scope;
    this.settings = settings;
    this.quoted = quoted;
  }

  /** The tables to look at: the plan's, or as long as there is none, all at home. */
  public List<TablePattern> patterns() {
    return isDemanded() ? scope.tables() : List.of(new TablePattern("*"));
  }

  private boolean isDemanded() {
    return !scope.tables().isEmpty();
  }

  /** What does not depend on tables. */
  public List<Finding> general() {
    List<Finding> findings = new ArrayList<>();
    if (scope.direction() != Direction.PUSH) {
      findings.add(
          Finding.error(
              SUBJECT,
              "is for spokes that only send, and this one's direction is "
                  + scope.direction().label()
                  + ": what is applied here would be taken for its users' writes",
              "register the spoke with --direction push, or give the agent the log or triggers"));
    }
    boolean finds = settings.deleteDetection().isPresent();
    findings.add(
        Finding.warning(
            SUBJECT,
            "does not see "
                + (finds
                    ? "deletes before all keys are read again, nor"
                    : "deletes (unless cdc_config.polling.delete_detection is set), nor")
                + " what a row was between two looks; a changed key is a new row, and a write that"
                + " does not set the column is missed",
            "give the agent the log or triggers, if that is not meant"));
    return findings;
  }

  /** What an engine says of one table. */
  public interface Tables {
    /** Findings about rights; empty if none is missing. */
    List<Finding> rights(LocalTable table, String subject) throws SQLException;

    /** Whether an index begins with this column. */
    boolean isIndexed(LocalTable table, String column) throws SQLException;
  }

  /** What is to be said of the tables. */
  public List<Finding> tables(TableCatalogue catalogue, Tables asked) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    for (TableProblem problem : catalogue.problems()) {
      boolean refused = problem.severity() == TableProblem.Severity.REFUSED;
      String subject = "table " + problem.place();
      findings.add(
          refused
              ? Finding.error(subject, problem.reason(), problem.hint())
              : Finding.warning(subject, problem.reason(), problem.hint()));
    }
    for (LocalTable table : catalogue.tables()) {
      String subject = "table " + table.schemaName() + "." + table.tableName();
      List<Finding> rights = asked.rights(table, subject);
      findings.addAll(rights.isEmpty() ? one(table, subject, asked) : rights);
    }
    return isDemanded() ? findings : findings.stream().map(Finding::atMostWarning).toList();
  }

  private List<Finding> one(LocalTable table, String subject, Tables asked) throws SQLException {
    String key = settings.keyOf(table.table());
    Optional<GrowingColumn> growing = GrowingColumn.of(table.schema(), key);
    if (growing.isEmpty()) {
      GrowingColumn.Obstacle why = GrowingColumn.obstacle(table.schema(), key).orElseThrow();
      return List.of(Finding.error(subject, why.reason(), why.hint()));
    }
    List<Finding> findings = new ArrayList<>();
    String name = quoted.apply(table.schemaName()) + "." + quoted.apply(table.tableName());
    if (!asked.isIndexed(table, key)) {
      findings.add(
          Finding.warning(
              subject,
              "has no index that begins with " + key + ": each look reads the whole table",
              "CREATE INDEX "
                  + quoted.apply(table.tableName() + "_" + key + "_idx")
                  + " ON "
                  + name
                  + " ("
                  + quoted.apply(key)
                  + ");"));
    }
    if (growing.get().nullable()) {
      findings.add(
          Finding.warning(
              subject,
              "may have rows without " + key + ", and all of those are read at each look",
              "set it in every row, and make it NOT NULL"));
    }
    if (growing.get().kind() == GrowingColumn.Kind.WALL_CLOCK && settings.timeZone().isEmpty()) {
      findings.add(
          Finding.warning(
              subject,
              "has no time zone in " + key + ": each look goes back twelve hours more",
              "say in which zone it is written: cdc_config.polling.time_zone"));
    }
    return findings.isEmpty() ? List.of(Finding.ok(subject, "is ready")) : findings;
  }
}
