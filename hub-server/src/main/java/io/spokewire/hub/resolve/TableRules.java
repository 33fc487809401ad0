package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.hub.resolve.rule.FieldRule;
import java.util.Map;

/**
 * How one table's conflicts are settled.
 *
 * @param columns the rule of each column
 * @param delete for the row's existence
 */
public record TableRules(PerColumn columns, DeletePolicy delete) {
  /** Rules given directly: {@code fallback} for every column that {@code columns} does not name. */
  public static TableRules of(
      FieldRule fallback, Map<String, FieldRule> columns, DeletePolicy delete) {
    return new TableRules(
        (schema, column) -> columns.getOrDefault(column.name(), fallback), delete);
  }

  /** Finds the rule of a column; a pure function. */
  public interface PerColumn {
    FieldRule ruleFor(TableSchema schema, Column column);
  }
}
