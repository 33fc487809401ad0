package io.spokewire.hub.stream;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import java.util.List;

/**
 * A spoke's tables under a plan.
 *
 * @param planVersion the plan it answers; 0 for none
 * @param tables in the agent's own types
 * @param agreedTypes in which other types columns travel with this agent now
 */
public record TableReport(
    int planVersion,
    List<TableDescription> tables,
    List<TableProblem> problems,
    AgreedTypes agreedTypes) {
  public TableReport {
    tables = List.copyOf(tables);
    problems = List.copyOf(problems);
  }

  /** Of an agent whose columns all travel in its own types. */
  public TableReport(int planVersion, List<TableDescription> tables, List<TableProblem> problems) {
    this(planVersion, tables, problems, AgreedTypes.NONE);
  }

  /**
   * @param table the name or pattern it is about
   * @param fatal whether the table can't be replicated there
   */
  public record TableProblem(TableName table, String problem, String hint, boolean fatal) {
    /** {@code orders: has no primary key (add one)}. */
    public String line() {
      return table + ": " + problem + (hint.isEmpty() ? "" : " (" + hint + ")");
    }
  }
}
