package io.spokewire.common.config;

import io.spokewire.common.config.Plan.ConflictLog;
import io.spokewire.common.config.Plan.ConflictPolicy;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.config.Plan.ForeignKeyPolicy;
import io.spokewire.common.config.Plan.OwnWrites;
import io.spokewire.common.config.Plan.Strategy;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.config.Plan.TablePolicy;
import io.spokewire.common.config.Plan.UniquePolicy;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A plan's text turned into a {@link Plan}. It acts on {@code tables}, {@code conflict_resolution}
 * and {@code conflict_log}; the other sections are checked for unknown keys and listed as not
 * active. Stateless apart from the shapes of those sections; safe from any thread.
 */
public final class PlanParser {
  private static final String INTEGRATION = "integration";
  private static final int MOST_DAYS = 36_500;
  private static final Pattern INTEGRATION_NAME = Pattern.compile("[a-z0-9_]+_to_[a-z0-9_]+");

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
      ConflictLog conflictLog = conflictLog();
      otherSections();
      if (tables.isEmpty()) {
        notActive.add("tables: none is named, so nothing flows");
      }
      return new Plan(tables, conflicts, conflictLog, notActive);
    }

    private List<TablePattern> tables() {
      NamedTables named = new NamedTables(document);
      for (YamlText entry : root.texts("tables")) {
        named.add(entry);
      }
      return named.patterns();
    }

    /**
     * Where the audit is, and what it is called, is the hub's to say; how long and how loud, here.
     */
    private ConflictLog conflictLog() {
      if (!root.has("conflict_log")) {
        return ConflictLog.UNSAID;
      }
      YamlMap section = root.map("conflict_log");
      if (section.has("format")) {
        section.accept("format", sections.below("conflict_log").below("format"));
        notActive.add("conflict_log.format: conflicts have these fields and more");
      }
      YamlMap storage = section.map("storage");
      only(storage, "type", "table", "conflicts are kept in a table");
      only(storage, "name", "sync_conflicts", "the audit's table has this name");
      YamlMap alerting = section.map("alerting");
      if (!alerting.texts("notify").isEmpty()) {
        notActive.add("conflict_log.alerting.notify: shown in status, nobody is called");
      }
      return new ConflictLog(
          amount(storage, "retention_days", MOST_DAYS).map(Duration::ofDays),
          amount(alerting, "threshold", Integer.MAX_VALUE));
    }

    private static Optional<Integer> amount(YamlMap map, String key, int most) {
      return map.has(key) ? Optional.of((int) map.integer(key, 1, 1, most)) : Optional.empty();
    }

    private static void only(YamlMap map, String key, String value, String why) {
      if (!map.text(key, value).equals(value)) {
        map.fault(key, "'%s' can be '%s' only".formatted(map.pathOf(key), value), why);
      }
    }

    private void otherSections() {
      for (String section : sections.keys().keySet()) {
        if (!section.equals(INTEGRATION) && !section.equals("conflict_log")) {
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

    /** The spoke that {@code sync_config} calls the source, if it names one. */
    private List<SpokeId> source() {
      if (!root.isMap("sync_config")) {
        return List.of();
      }
      YamlMap pair = checkedElsewhere(root.map("sync_config"));
      Optional<String> name = Optional.empty();
      if (pair.isMap("source")) {
        YamlMap source = checkedElsewhere(pair.map("source"));
        name = source.text("spoke").or(() -> source.text("name"));
      } else if (pair.has("source")) {
        name = pair.text("source");
      }
      try {
        return name.map(SpokeId::new).stream().toList();
      } catch (IllegalArgumentException e) {
        return List.of(); // a host or a title: it names no spoke
      }
    }

    private static YamlMap checkedElsewhere(YamlMap map) {
      return map.allow(map.keys().toArray(String[]::new));
    }

    private ConflictPolicy conflicts(List<TablePattern> tables) {
      if (!root.has("conflict_resolution")) {
        return ConflictPolicy.DEFAULT;
      }
      YamlMap section = root.map("conflict_resolution");
      Map<String, Optional<Strategy>> strategies =
          new StrategyReader(document, source()).strategies(section);
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
        return TablePolicy.of(strategyNamed(section, table, strategies, first));
      }
      YamlMap settings = section.map(table);
      checkThatGroupsAreNotProtected(settings);
      return new TablePolicy(
          strategyNamed(settings, "strategy", strategies, first),
          settings.choice("delete", DeletePolicy.DELETE_WINS),
          fieldGroups(settings),
          settings.choice("unique", UniquePolicy.NULL_LOSER),
          settings.choice("foreign_key", ForeignKeyPolicy.PARK_CHILD),
          ownWrites(settings));
    }

    /** A site that holds one column off and takes the other would mix the group for a while. */
    private static void checkThatGroupsAreNotProtected(YamlMap settings) {
      if (!settings.textLists("field_groups").isEmpty()
          && settings.flag("protect_pending", false)) {
        settings.fault(
            "protect_pending",
            "a table with field_groups can't have protect_pending",
            "leave one of them out: own writes are protected column by column");
      }
    }

    private List<List<String>> fieldGroups(YamlMap settings) {
      List<List<String>> groups = new ArrayList<>();
      Set<String> grouped = new HashSet<>();
      for (List<YamlText> texts : settings.textLists("field_groups")) {
        for (YamlText column : texts) {
          if (!grouped.add(column.text())) {
            document.fault(
                column.line(),
                settings.pathOf("field_groups"),
                "'" + column.text() + "' is grouped twice",
                "a column can be in one group only");
          }
        }
        if (texts.size() == 1) {
          document.fault(
              texts.getFirst().line(),
              settings.pathOf("field_groups"),
              "a group of one column, '" + texts.getFirst().text() + "'",
              "name the columns that go with it, or leave it out");
        }
        groups.add(texts.stream().map(YamlText::text).toList());
      }
      return groups;
    }

    private static OwnWrites ownWrites(YamlMap settings) {
      if (!settings.has("protect_pending")) {
        return OwnWrites.UNSAID;
      }
      return settings.flag("protect_pending", false) ? OwnWrites.PROTECTED : OwnWrites.UNPROTECTED;
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
