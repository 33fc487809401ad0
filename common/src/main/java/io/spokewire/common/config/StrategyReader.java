package io.spokewire.common.config;

import io.spokewire.common.config.Plan.Strategy;
import io.spokewire.common.id.SpokeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code conflict_resolution.strategies}: named strategies, and rules of single columns. */
final class StrategyReader {
  private static final String PRIORITY_ORDER = "priority_order";
  private static final String CUSTOM_RULES = "custom_rules";

  /** Rules that can decide for a whole table; the others suit single columns. */
  private static final Set<String> FOR_TABLES =
      Set.of("last_write_wins", "first_write_wins", "source_priority", "merge", "manual");

  private static final Set<String> FOR_COLUMNS;

  static {
    Set<String> all = new TreeSet<>(FOR_TABLES);
    all.addAll(List.of("sum", "max", "min", PRIORITY_ORDER, "union"));
    FOR_COLUMNS = all;
  }

  private final YamlDocument document;
  private final List<SpokeId> source;

  /**
   * @param source the spoke that is "the source" where a strategy gives no order of its own; empty:
   *     the arriving write is
   */
  StrategyReader(YamlDocument document, List<SpokeId> source) {
    this.document = document;
    this.source = source;
  }

  /** By name; empty for one whose fault is already noted, so that references to it are not. */
  Map<String, Optional<Strategy>> strategies(YamlMap section) {
    Map<String, Optional<Strategy>> byName = new LinkedHashMap<>();
    for (YamlMap entry : section.maps("strategies")) {
      entry.allow("description", "resolution"); // texts for people: the kind says what is done
      String name = entry.requiredText("name");
      Optional<Strategy> strategy = strategy(entry, name);
      if (!name.isEmpty() && byName.putIfAbsent(name, strategy) != null) {
        entry.fault("name", "strategy '" + name + "' stands twice", "give each its own name");
      }
    }
    return byName;
  }

  private Optional<Strategy> strategy(YamlMap entry, String name) {
    entry.allow("strategy", "order", "column", "rules");
    Map<String, ConflictRule> columns = columnRules(entry);
    String label = entry.text("strategy", name);
    if (entry.has("rules")
        && (!entry.has("strategy") && !FOR_TABLES.contains(label) || label.equals(CUSTOM_RULES))) {
      return Optional.of(new Strategy(name, Optional.empty(), columns));
    }
    if (label.equals(CUSTOM_RULES)) {
      entry.fault(
          entry.has("strategy") ? "strategy" : "name",
          "strategy '" + name + "' has no rules",
          "add `rules:`, a list of {field: ..., strategy: ...}");
      return Optional.empty();
    }
    return tableRule(entry, name, label)
        .map(rule -> new Strategy(name, Optional.of(rule), columns));
  }

  private Optional<ConflictRule> tableRule(YamlMap entry, String name, String label) {
    if (label.isEmpty()) {
      return Optional.empty(); // the missing name is a fault already
    }
    if (FOR_TABLES.contains(label)) {
      return rule(entry, name, label);
    }
    if (FOR_COLUMNS.contains(label)) {
      entry.fault(
          entry.has("strategy") ? "strategy" : "name",
          "'" + label + "' decides for single fields, not for a whole table",
          "name the fields: rules: [{field: ..., strategy: " + label + "}]");
    } else if (entry.has("strategy")) {
      entry.fault(
          "strategy", "unknown strategy '" + label + "'", NearestName.hint(label, FOR_TABLES));
    } else {
      entry.fault(
          "name",
          "strategy '" + name + "' does not say what it does",
          NearestName.of(name, FOR_TABLES)
              .map(nearest -> "did you mean '" + nearest + "'? Else add `strategy:`")
              .orElse("add `strategy: last_write_wins` or another"));
    }
    return Optional.empty();
  }

  private Map<String, ConflictRule> columnRules(YamlMap entry) {
    Map<String, ConflictRule> columns = new LinkedHashMap<>();
    for (YamlMap rule : entry.maps("rules")) {
      rule.allow("description", "resolution", "order", "column");
      String field = rule.requiredText("field");
      String label = rule.requiredText("strategy");
      if (label.isEmpty()) {
        continue;
      }
      if (!FOR_COLUMNS.contains(label)) {
        rule.fault(
            "strategy", "unknown strategy '" + label + "'", NearestName.hint(label, FOR_COLUMNS));
        continue;
      }
      Optional<ConflictRule> made = rule(rule, field, label);
      if (made.isPresent() && !field.isEmpty() && columns.putIfAbsent(field, made.get()) != null) {
        rule.fault("field", "field '" + field + "' has two rules", "keep one");
      }
    }
    return columns;
  }

  /** A rule of a known kind, with what it needs besides. */
  private Optional<ConflictRule> rule(YamlMap entry, String owner, String label) {
    boolean bySpokes = label.equals("source_priority") || label.equals("merge");
    if (entry.has("order") && !bySpokes && !label.equals(PRIORITY_ORDER)) {
      entry.fault(
          "order",
          "strategy '" + owner + "' does not look at an order",
          "leave it out, or use source_priority (spokes) or priority_order (values)");
    }
    if (entry.has("column") && !label.equals("last_write_wins")) {
      entry.fault(
          "column",
          "strategy '" + owner + "' compares no other column",
          "leave it out, or use last_write_wins");
    }
    return switch (label) {
      case "last_write_wins" -> Optional.of(new ConflictRule.LastWriteWins(entry.text("column")));
      case "first_write_wins" -> Optional.of(new ConflictRule.FirstWriteWins());
      case "source_priority" -> Optional.of(new ConflictRule.SourcePriority(spokes(entry)));
      case "merge" -> Optional.of(new ConflictRule.Merge(spokes(entry)));
      case "sum" -> Optional.of(new ConflictRule.Sum());
      case "max" -> Optional.of(new ConflictRule.Max());
      case "min" -> Optional.of(new ConflictRule.Min());
      case "manual" -> Optional.of(new ConflictRule.Manual());
      case "union" -> Optional.of(new ConflictRule.Union());
      default -> priorityOrder(entry, owner);
    };
  }

  private Optional<ConflictRule> priorityOrder(YamlMap entry, String owner) {
    List<String> values = new ArrayList<>();
    for (YamlText value : entry.texts("order")) {
      if (values.contains(value.text())) {
        document.fault(
            value.line(), entry.pathOf("order"), "'" + value.text() + "' stands twice", "");
      } else {
        values.add(value.text());
      }
    }
    if (values.isEmpty()) {
      entry.fault(
          "order",
          "priority_order of '" + owner + "' names no values",
          "add `order:` with the values, the strongest first");
      return Optional.empty();
    }
    return Optional.of(new ConflictRule.PriorityOrder(values));
  }

  private List<SpokeId> spokes(YamlMap entry) {
    List<SpokeId> order = new ArrayList<>();
    for (YamlText text : entry.texts("order")) {
      try {
        SpokeId spoke = new SpokeId(text.text());
        if (order.contains(spoke)) {
          document.fault(
              text.line(), entry.pathOf("order"), "spoke '" + spoke + "' stands twice", "");
        } else {
          order.add(spoke);
        }
      } catch (IllegalArgumentException e) {
        document.fault(
            text.line(),
            entry.pathOf("order"),
            "'" + text.text() + "' can't be the name of a spoke",
            "use lower-case letters, digits, hyphens and underscores");
      }
    }
    return order.isEmpty() ? source : order;
  }
}
