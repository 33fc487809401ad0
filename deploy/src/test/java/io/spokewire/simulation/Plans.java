package io.spokewire.simulation;

import io.spokewire.common.config.Plan;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.id.SpokeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Plans as an operator writes them: the adding columns stay, the rest is drawn. */
final class Plans {
  private static final List<String> DELETES = List.of("delete_wins", "update_wins");

  private final Map<String, Plan> parsed = new HashMap<>();

  /** As production reads it; the same text is read once. */
  Plan parse(String text) {
    return parsed.computeIfAbsent(text, t -> new PlanParser().parse("plan", t));
  }

  /** A plan for both tables. */
  static String draw(RandomGenerator random, List<SpokeId> spokes, Features features) {
    String order = spokes.stream().map(SpokeId::toString).collect(Collectors.joining(", "));
    boolean swapped = random.nextInt(4) == 0;
    return """
    tables: [stock, ledger]
    conflict_resolution:
      strategies:
        - name: last_write_wins
        - name: stock_rules
          strategy: last_write_wins
          rules:
            - {field: high, strategy: %s}
            - {field: low, strategy: %s}
            - {field: level, strategy: %s}
            - {field: quantity, strategy: sum}
        - name: ledger_rules
          strategy: %s
          rules:
            - {field: amount, strategy: sum}
      tables:
        stock: {strategy: stock_rules, delete: %s, protect_pending: %s, field_groups: %s}
        ledger: {strategy: ledger_rules, delete: delete_wins, protect_pending: %s}
    """
        .formatted(
            swapped ? "min" : "max",
            swapped ? "max" : "min",
            features.has(Feature.MANUAL) ? "manual" : "source_priority, order: [" + order + "]",
            random.nextInt(4) == 0 ? "first_write_wins" : "last_write_wins",
            DELETES.get(random.nextInt(DELETES.size())),
            features.has(Feature.PROTECTS),
            features.has(Feature.GROUPS) ? "[[pair_a, pair_b]]" : "[]",
            features.has(Feature.PROTECTS));
  }
}
