package io.spokewire.hub.resolve;

import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.hub.resolve.rule.FieldRule;
import java.util.Map;

/**
 * How one table's conflicts are settled.
 *
 * @param fallback for every column that {@code columns} does not name
 * @param delete for the row's existence
 */
public record TableRules(FieldRule fallback, Map<String, FieldRule> columns, DeletePolicy delete) {
  public TableRules {
    columns = Map.copyOf(columns);
  }

  FieldRule ruleFor(String column) {
    return columns.getOrDefault(column, fallback);
  }
}
