package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.config.Plan.ForeignKeyPolicy;
import io.spokewire.common.config.Plan.UniquePolicy;
import io.spokewire.hub.resolve.rule.FieldRule;
import java.util.List;
import java.util.Map;

/**
 * How one table's conflicts are settled.
 *
 * @param columns the rule of each column
 * @param groups names of columns that are settled as one; they have one rule, which chooses a write
 * @param delete for the row's existence
 * @param unique for one unique value in two rows
 * @param foreignKey for a reference to a row that is deleted elsewhere
 * @param protectsPending whether outcomes say what they replace, so that a site can keep a write of
 *     its own that they had not taken into account
 */
public record TableRules(
    PerColumn columns,
    List<List<String>> groups,
    DeletePolicy delete,
    UniquePolicy unique,
    ForeignKeyPolicy foreignKey,
    boolean protectsPending) {
  public TableRules {
    groups = groups.stream().map(List::copyOf).toList();
  }

  /** Rules given directly: {@code fallback} for every column that {@code columns} does not name. */
  public static TableRules of(
      FieldRule fallback, Map<String, FieldRule> columns, DeletePolicy delete) {
    return new TableRules(
        (schema, column) -> columns.getOrDefault(column.name(), fallback),
        List.of(),
        delete,
        UniquePolicy.NULL_LOSER,
        ForeignKeyPolicy.PARK_CHILD,
        false);
  }

  /** The same with these columns settled together. */
  public TableRules grouped(List<String> group) {
    return new TableRules(columns, List.of(group), delete, unique, foreignKey, protectsPending);
  }

  /** The same rules with own writes protected. */
  public TableRules protectingPending() {
    return new TableRules(columns, groups, delete, unique, foreignKey, true);
  }

  /** Finds the rule of a column; a pure function. */
  public interface PerColumn {
    FieldRule ruleFor(TableSchema schema, Column column);
  }
}
