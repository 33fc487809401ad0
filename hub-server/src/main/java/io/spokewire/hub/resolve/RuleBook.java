package io.spokewire.hub.resolve;

import io.spokewire.common.config.Plan;
import io.spokewire.common.config.Plan.ConflictPolicy;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.config.Plan.Strategy;
import io.spokewire.common.config.Plan.TablePolicy;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import io.spokewire.hub.resolve.rule.SourcePriority;
import java.util.Map;
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
    Strategy standard =
        policy.strategies().isEmpty() ? Strategy.LAST_WRITE_WINS : policy.strategies().getFirst();
    TableRules fallback = rules(new TablePolicy(standard, DeletePolicy.DELETE_WINS));
    return new RuleBook(
        version,
        table ->
            policy.tables().entrySet().stream()
                .filter(e -> e.getKey().matches(table))
                .max(Map.Entry.comparingByKey())
                .map(e -> rules(e.getValue()))
                .orElse(fallback));
  }

  public PlanVersion version() {
    return version;
  }

  TableRules rulesFor(TableName table) {
    return tables.apply(table);
  }

  private static TableRules rules(TablePolicy policy) {
    return new TableRules(rule(policy.strategy()), Map.of(), policy.delete());
  }

  private static FieldRule rule(Strategy strategy) {
    return switch (strategy.kind()) {
      case LAST_WRITE_WINS -> new LastWriteWins(strategy.name());
      case SOURCE_PRIORITY -> new SourcePriority(strategy.name(), strategy.order());
    };
  }
}
