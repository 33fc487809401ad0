package io.spokewire.agent.stream;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.TableName;
import java.util.List;

/** What a plan means for the tables of this database. */
public record TableReport(PlanVersion plan, List<TableDescription> tables, List<Problem> problems) {
  public TableReport {
    tables = List.copyOf(tables);
    problems = List.copyOf(problems);
  }

  /**
   * @param fatal the table can't be replicated here
   */
  public record Problem(TableName table, String problem, String hint, boolean fatal) {}
}
