package io.spokewire.hub.stream;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.id.TableName;
import java.util.List;

/**
 * A spoke's tables under a plan.
 *
 * @param planVersion the plan it answers; 0 for none
 */
public record TableReport(
    int planVersion, List<TableDescription> tables, List<TableProblem> problems) {
  public TableReport {
    tables = List.copyOf(tables);
    problems = List.copyOf(problems);
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
