package io.spokewire.agent.stream;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import java.util.List;

/**
 * What a plan means for the tables of this database.
 *
 * @param tables in the agent's own types
 * @param agreedTypes in which other types columns travel now
 */
public record TableReport(
    PlanVersion plan,
    List<TableDescription> tables,
    List<Problem> problems,
    AgreedTypes agreedTypes) {
  public TableReport {
    tables = List.copyOf(tables);
    problems = List.copyOf(problems);
  }

  /** Where all columns travel in the agent's own types. */
  public TableReport(PlanVersion plan, List<TableDescription> tables, List<Problem> problems) {
    this(plan, tables, problems, AgreedTypes.NONE);
  }

  /**
   * @param fatal the table can't be replicated here
   */
  public record Problem(TableName table, String problem, String hint, boolean fatal) {}
}
