package io.spokewire.hub.pipeline;

import io.spokewire.common.config.Plan;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.resolve.RuleBook;
import io.spokewire.hub.stream.TableReport;
import java.util.List;
import java.util.Map;

/** Which columns a plan gives a rule that can't decide about their type. Pure. */
final class RuleMisfits {
  private RuleMisfits() {}

  /** One line for each, with spoke, table, column and why. */
  static List<String> of(Plan plan, Map<SpokeId, TableReport> reports) {
    return reports.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(e -> of(plan, e.getValue()).stream().map(line -> e.getKey() + ": " + line))
        .toList();
  }

  /** The same for one spoke, without its name. */
  static List<String> of(Plan plan, TableReport report) {
    return report.tables().stream()
        .filter(table -> plan.covers(table.table()))
        .flatMap(table -> RuleBook.misfits(plan, table).stream())
        .toList();
  }
}
