package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.ConflictRule;
import io.spokewire.common.config.Plan;
import io.spokewire.common.config.Plan.ConflictPolicy;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.config.Plan.NamedRule;
import io.spokewire.common.config.Plan.OwnWrites;
import io.spokewire.common.config.Plan.TablePolicy;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.resolve.rule.ColumnRules;
import io.spokewire.hub.resolve.rule.ColumnRules.Fit;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
              said.fieldGroups(),
              said.delete(),
              said.unique(),
              said.foreignKey(),
              said.protectsPending());
        });
  }

  /**
   * What the plan says of a table that can't be done there, and why: one line for each, beginning
   * with the table and the column. Without before images an update counts as a write to all
   * columns, so that only rules for whole rows make sense (and a sum would lose what it adds).
   */
  public static List<String> misfits(Plan plan, TableDescription table) {
    ConflictPolicy policy = plan.conflicts();
    TableSchema schema = table.schema();
    TablePolicy said = policy.of(schema.table());
    List<String> misfits = new ArrayList<>();
    if (!table.beforeImages() && said.delete() != DeletePolicy.DELETE_WINS) {
      misfits.add(
          "%s: 'delete: %s' needs previous values in the log (REPLICA IDENTITY FULL)"
              .formatted(schema.table(), said.delete().name().toLowerCase(Locale.ROOT)));
    }
    if (said.ownWrites() == OwnWrites.PROTECTED && !(table.beforeImages() && schema.hasKey())) {
      misfits.add(
          "%s: 'protect_pending: true' needs %s"
              .formatted(
                  schema.table(),
                  schema.hasKey()
                      ? "previous values in the log (REPLICA IDENTITY FULL)"
                      : "a key"));
    }
    for (int i = 0; i < schema.columns().size(); i++) {
      Column column = schema.columns().get(i);
      NamedRule rule = policy.ruleFor(said, column.name());
      String why = schema.isKey(i) ? "" : misfit(rule, table, column);
      if (!why.isEmpty()) {
        misfits.add(
            "%s.%s: rule '%s' does not fit: %s"
                .formatted(schema.table(), column.name(), rule.rule().label(), why));
      }
    }
    said.fieldGroups().forEach(group -> misfits.addAll(misfits(group, policy, said, schema)));
    return misfits;
  }

  /** A group takes all its values from one write, so one rule that chooses a write must hold. */
  private static List<String> misfits(
      List<String> group, ConflictPolicy policy, TablePolicy said, TableSchema schema) {
    List<String> misfits = new ArrayList<>();
    NamedRule first = policy.ruleFor(said, group.getFirst());
    for (String column : group) {
      int ordinal = schema.ordinalOf(column);
      NamedRule rule = policy.ruleFor(said, column);
      String why = "";
      if (ordinal < 0) {
        why = "there is no such column";
      } else if (schema.isKey(ordinal)) {
        why = "a key column is never settled";
      } else if (!rule.rule().choosesAWrite()) {
        why = "rule '" + rule.rule().label() + "' does not choose one write for all of them";
      } else if (!rule.rule().equals(first.rule())) {
        why =
            "it has rule '%s' and %s has '%s'"
                .formatted(rule.rule().label(), group.getFirst(), first.rule().label());
      }
      if (!why.isEmpty()) {
        misfits.add(
            "%s.%s: can't be in field group %s: %s".formatted(schema.table(), column, group, why));
      }
    }
    return misfits;
  }

  /** Empty if it fits. */
  private static String misfit(NamedRule said, TableDescription table, Column column) {
    boolean isForRows =
        said.rule() instanceof ConflictRule.LastWriteWins
            || said.rule() instanceof ConflictRule.SourcePriority;
    if (!table.beforeImages() && !isForRows) {
      return "it needs previous values in the log (REPLICA IDENTITY FULL)";
    }
    return ColumnRules.of(said.rule(), said.name(), table.schema(), column)
            instanceof Fit.Misfits(String why)
        ? why
        : "";
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
