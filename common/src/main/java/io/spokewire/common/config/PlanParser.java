package io.spokewire.common.config;

import io.spokewire.common.config.Plan.ConflictPolicy;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.config.Plan.Strategy;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.config.Plan.TablePolicy;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A plan's text turned into a {@link Plan}. It acts on {@code tables} and {@code
 * conflict_resolution}; the other sections are checked for unknown keys and listed as not active.
 * Stateless apart from the shapes of those sections; safe from any thread.
 */
public final class PlanParser {
  private static final String INTEGRATION = "integration";
  private static final Pattern INTEGRATION_NAME = Pattern.compile("[a-z0-9_]+_to_[a-z0-9_]+");

  /** Kinds of strategies that a plan may come to name, but that nothing carries out yet. */
  private static final Set<String> LATER_KINDS =
      Set.of(
          "merge",
          "custom_rules",
          "sum",
          "max",
          "min",
          "priority_order",
          "first_write_wins",
          "union",
          "manual");

  /** Settings of a table that are accepted and not acted on. */
  private static final List<String> LATER_TABLE_KEYS =
      List.of("field_groups", "protect_pending", "unique", "foreign_key");

  private final YamlShape sections;

  public PlanParser() {
    this.sections = YamlShape.of(resource("plan-sections.yaml"));
  }

  /**
   * Reads a plan.
   *
   * @param file how faults call the text
   * @throws Fault USAGE with every fault of the text, see {@link YamlDocument#check()}
   */
  public Plan parse(String file, String text) {
    YamlDocument document = YamlDocument.parse(file, text);
    Reading reading = new Reading(document);
    Plan plan = reading.plan();
    document.check();
    return plan;
  }

  private static String resource(String name) {
    try (InputStream in = PlanParser.class.getResourceAsStream(name)) {
      if (in == null) {
        throw Fault.invariant("resource", name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One pass over one text. */
  private final class Reading {
    private final YamlDocument document;
    private final YamlMap root;
    private final List<String> notActive = new ArrayList<>();

    private Reading(YamlDocument document) {
      this.document = document;
      this.root = document.root();
    }

    private Plan plan() {
      List<TablePattern> tables = tables();
      ConflictPolicy conflicts = conflicts(tables);
      otherSections();
      if (tables.isEmpty()) {
        notActive.add("tables: none is named, so nothing flows");
      }
      return new Plan(tables, conflicts, notActive);
    }

    private List<TablePattern> tables() {
      NamedTables named = new NamedTables(document);
      for (YamlText entry : root.texts("tables")) {
        named.add(entry);
      }
      return named.patterns();
    }

    private void otherSections() {
      for (String section : sections.keys().keySet()) {
        if (!section.equals(INTEGRATION)) {
          accept(section, sections.below(section));
        }
      }
      for (String section : root.present()) {
        if (INTEGRATION_NAME.matcher(section).matches()) {
          accept(section, sections.below(INTEGRATION));
        }
      }
    }

    private void accept(String section, YamlShape shape) {
      if (root.has(section)) {
        root.accept(section, shape);
        notActive.add(section);
      }
    }

    private ConflictPolicy conflicts(List<TablePattern> tables) {
      if (!root.has("conflict_resolution")) {
        return ConflictPolicy.DEFAULT;
      }
      YamlMap section = root.map("conflict_resolution");
      Map<String, Optional<Strategy>> strategies = strategies(section);
      List<Strategy> usable = strategies.values().stream().flatMap(Optional::stream).toList();
      if (usable.isEmpty()) {
        usable = List.of(Strategy.LAST_WRITE_WINS);
      }
      if (!section.has("strategies")) {
        strategies.put(usable.getFirst().name(), Optional.of(usable.getFirst()));
      }
      return new ConflictPolicy(
          usable, tablePolicies(section.map("tables"), tables, strategies, usable.getFirst()));
    }

    /** By name; empty for one whose fault is already noted, so that references to it are not. */
    private Map<String, Optional<Strategy>> strategies(YamlMap section) {
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
      entry.allow("strategy", "order");
      if (entry.has("rules")) {
        entry.fault(
            "rules",
            "strategy '" + name + "' has rules per field, which are not available yet",
            "use last_write_wins or source_priority");
        entry.allow("rules");
        return Optional.empty();
      }
      String kindKey = entry.has("strategy") ? "strategy" : "name";
      Optional<Strategy.Kind> kind = kind(entry, kindKey, name);
      List<SpokeId> order = order(entry);
      if (entry.has("order") && kind.filter(k -> k != Strategy.Kind.SOURCE_PRIORITY).isPresent()) {
        entry.fault(
            "order",
            "strategy '" + name + "' does not look at an order of spokes",
            "leave it out, or use strategy: source_priority");
      }
      return kind.map(k -> new Strategy(name, k, order));
    }

    private Optional<Strategy.Kind> kind(YamlMap entry, String key, String name) {
      String label = entry.text(key, "");
      if (label.isEmpty()) {
        return Optional.empty(); // the missing name is a fault already
      }
      for (Strategy.Kind kind : Strategy.Kind.values()) {
        if (label(kind).equals(label)) {
          return Optional.of(kind);
        }
      }
      if (LATER_KINDS.contains(label)) {
        entry.fault(
            key,
            "strategy '" + label + "' is not available yet",
            "use last_write_wins or source_priority");
      } else if (key.equals("strategy")) {
        entry.fault(key, "unknown strategy '" + label + "'", NearestName.hint(label, kinds()));
      } else {
        entry.fault(
            key,
            "strategy '" + name + "' does not say what it does",
            NearestName.of(name, kinds())
                .map(nearest -> "did you mean '" + nearest + "'? Else add `strategy:`")
                .orElse("add `strategy: last_write_wins` or `strategy: source_priority`"));
      }
      return Optional.empty();
    }

    private List<SpokeId> order(YamlMap entry) {
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
      return order;
    }

    private Map<TablePattern, TablePolicy> tablePolicies(
        YamlMap section,
        List<TablePattern> tables,
        Map<String, Optional<Strategy>> strategies,
        Strategy first) {
      NamedTables named = new NamedTables(document);
      Map<TablePattern, TablePolicy> policies = new LinkedHashMap<>();
      for (String table : section.keys()) {
        if (!named.add(new YamlText(table, section.lineOf(table)))) {
          continue;
        }
        TablePattern pattern = new TablePattern(table);
        checkThatItFlows(section, table, tables);
        policies.put(pattern, tablePolicy(section, table, strategies, first));
      }
      return policies;
    }

    private void checkThatItFlows(YamlMap section, String table, List<TablePattern> tables) {
      if (tables.isEmpty() || tables.stream().anyMatch(t -> NamedTables.overlap(t.text(), table))) {
        return;
      }
      section.fault(
          table,
          "'" + table + "' is not among the plan's tables",
          NearestName.hint(table, tables.stream().map(TablePattern::text).toList()));
    }

    private TablePolicy tablePolicy(
        YamlMap section, String table, Map<String, Optional<Strategy>> strategies, Strategy first) {
      if (!section.isMap(table)) {
        return new TablePolicy(
            strategyNamed(section, table, strategies, first), DeletePolicy.DELETE_WINS);
      }
      YamlMap settings = section.map(table);
      for (String key : LATER_TABLE_KEYS) {
        if (settings.has(key)) {
          notActive.add(settings.pathOf(key));
        }
      }
      return new TablePolicy(
          strategyNamed(settings, "strategy", strategies, first),
          settings.choice("delete", DeletePolicy.DELETE_WINS));
    }

    private Strategy strategyNamed(
        YamlMap map, String key, Map<String, Optional<Strategy>> strategies, Strategy first) {
      Optional<String> name = map.text(key);
      if (name.isEmpty()) {
        return first;
      }
      Optional<Strategy> strategy = strategies.get(name.get());
      if (strategy == null) {
        map.fault(
            key,
            "there is no strategy '" + name.get() + "' in conflict_resolution.strategies",
            NearestName.hint(name.get(), strategies.keySet()));
        return first;
      }
      return strategy.orElse(first);
    }
  }

  private static String label(Strategy.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Set<String> kinds() {
    return Stream.of(Strategy.Kind.values()).map(PlanParser::label).collect(Collectors.toSet());
  }

  /** Tables named so far in one list; refuses to name one twice. */
  private static final class NamedTables {
    /** What the default schema is called where PostgreSQL's search path is left alone. */
    private static final String DEFAULT_SCHEMA = "public.";

    private final YamlDocument document;
    private final List<YamlText> entries = new ArrayList<>();
    private final Set<String> texts = new HashSet<>();

    private NamedTables(YamlDocument document) {
      this.document = document;
    }

    private boolean add(YamlText entry) {
      String text = entry.text();
      if (text.isBlank() || text.startsWith(".") || text.endsWith(".")) {
        document.fault(
            entry.line(), text, "'" + text + "' is not a table", "write table or schema.table");
        return false;
      }
      for (YamlText before : entries) {
        if (sameTableUnderTwoNames(before.text(), text)) {
          document.fault(
              entry.line(),
              text,
              "'" + text + "' and '" + before.text() + "' name one table twice",
              "line " + before.line() + " names it already: keep one form, with or without schema");
          return false;
        }
      }
      if (!texts.add(text)) {
        document.fault(entry.line(), text, "'" + text + "' stands twice", "keep one");
        return false;
      }
      entries.add(entry);
      return true;
    }

    private List<TablePattern> patterns() {
      return entries.stream().map(entry -> new TablePattern(entry.text())).toList();
    }

    /**
     * One with and one without a schema: the default schema is where both can mean one table, and
     * it would then go by two names.
     */
    private static boolean sameTableUnderTwoNames(String a, String b) {
      boolean aHasSchema = a.contains(".");
      if (aHasSchema == b.contains(".")) {
        return false;
      }
      return overlap(aHasSchema ? a : DEFAULT_SCHEMA + a, aHasSchema ? DEFAULT_SCHEMA + b : b);
    }

    /** Whether some table goes by both names. */
    private static boolean overlap(String a, String b) {
      int dotA = a.indexOf('.');
      int dotB = b.indexOf('.');
      if (dotA < 0 || dotB < 0) {
        return dotA < 0 && dotB < 0 && Glob.intersect(a, b);
      }
      return Glob.intersect(a.substring(0, dotA), b.substring(0, dotB))
          && Glob.intersect(a.substring(dotA + 1), b.substring(dotB + 1));
    }
  }
}
