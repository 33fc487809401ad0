package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.ConflictRule;
import io.spokewire.common.config.Plan;
import io.spokewire.common.config.Plan.ConflictPolicy;
import io.spokewire.common.config.Plan.NamedRule;
import io.spokewire.common.config.Plan.TablePolicy;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.resolve.rule.ColumnRules;
import io.spokewire.hub.resolve.rule.ColumnRules.Fit;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Which rule settles which field, under one version of the plan. Immutable. */
public final class RuleBook {
  /** What holds before any plan: the last write wins, and a delete wins over a write. */
  public static final RuleBook DEFAULT = of(ConflictPolicy.DEFAULT, PlanVersion.NONE);

  private final PlanVersion version;
  private final Function<TableName, TableRules> tables;

  private RuleBook(PlanVersion version, Function<TableName, TableRules> tables) {
    this.version = version;
    this.tables = tables;
  }

  public static RuleBook of(Plan plan, PlanVersion version) {
    return of(plan.conflicts(), version);
  }

  /** A book from rules given directly; the function must be pure. */
  public static RuleBook of(PlanVersion version, Function<TableName, TableRules> tables) {
    return new RuleBook(version, tables);
  }

  private static RuleBook of(ConflictPolicy policy, PlanVersion version) {
    return new RuleBook(
        version,
        table -> {
          TablePolicy said = policy.of(table);
          return new TableRules(
              (schema, column) -> fitting(policy.ruleFor(said, column.name()), schema, column),
              said.delete());
        });
  }

  /**
   * Which columns of a table the plan gives a rule that can't decide about their type, and why: one
   * line for each, beginning with the table and the column.
   */
  public static List<String> misfits(Plan plan, TableSchema schema) {
    ConflictPolicy policy = plan.conflicts();
    TablePolicy said = policy.of(schema.table());
    List<String> misfits = new ArrayList<>();
    for (int i = 0; i < schema.columns().size(); i++) {
      Column column = schema.columns().get(i);
      NamedRule rule = policy.ruleFor(said, column.name());
      if (!schema.isKey(i)
          && ColumnRules.of(rule.rule(), rule.name(), schema, column)
              instanceof Fit.Misfits(String why)) {
        misfits.add(
            "%s.%s: rule '%s' does not fit: %s"
                .formatted(schema.table(), column.name(), rule.rule().label(), why));
      }
    }
    return misfits;
  }

  /**
   * The rule said, or, for a shape that came after the plan was checked and does not suit it, the
   * one that suits every type.
   */
  private static FieldRule fitting(NamedRule said, TableSchema schema, Column column) {
    return ColumnRules.of(said.rule(), said.name(), schema, column)
            instanceof Fit.Fits(FieldRule rule)
        ? rule
        : new LastWriteWins(ConflictRule.DEFAULT.label());
  }

  public PlanVersion version() {
    return version;
  }

  TableRules rulesFor(TableName table) {
    return tables.apply(table);
  }
}
