package io.spokewire.agent.schema;

import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which local tables the plan names, what the topology calls them, and in which types their columns
 * travel. Immutable; safe from any thread.
 *
 * <p>A pattern without a schema ({@code orders}, {@code order*}) names tables of the spoke's
 * default schema, under their own names. A pattern with a schema ({@code sales.orders}, {@code
 * public.*}) is taken literally and names {@code sales.orders}, also where {@code sales} happens to
 * be the default schema. {@code *} stands for any run of characters. A part in double quotes is
 * taken as it stands, so that names with dots or stars can be named: {@code public."odd.name"}.
 * Case counts.
 */
public final class TableScope {
  private final String defaultSchema;
  private final List<Rule> rules;
  private final AgreedTypes agreedTypes;

  /**
   * @param patterns the plan's
   * @param defaultSchema of this spoke: first of PostgreSQL's search path, MySQL's database
   */
  public TableScope(List<TablePattern> patterns, String defaultSchema) {
    this(patterns, defaultSchema, AgreedTypes.NONE);
  }

  /**
   * @param agreedTypes in which types columns travel that do not in this agent's own
   */
  public TableScope(List<TablePattern> patterns, String defaultSchema, AgreedTypes agreedTypes) {
    this.defaultSchema = defaultSchema;
    this.agreedTypes = agreedTypes;
    this.rules = patterns.stream().map(Rule::of).toList();
  }

  public String defaultSchema() {
    return defaultSchema;
  }

  /** In which types columns travel that do not in this agent's own. */
  public AgreedTypes agreedTypes() {
    return agreedTypes;
  }

  /**
   * The topology-wide name of a local table, or empty if the plan does not name it. Of a table that
   * is named twice, the first pattern's; {@link #resolve} refuses those.
   */
  public Optional<TableName> nameOf(LocalName local) {
    for (Rule rule : rules) {
      if (rule.matches(local, defaultSchema)) {
        return Optional.of(rule.nameFor(local));
      }
    }
    return Optional.empty();
  }

  /** What a table is called where the plan does not name it: as an unqualified pattern would. */
  public TableName nameOutsidePlan(LocalName local) {
    return new TableName(
        local.schemaName().equals(defaultSchema) ? local.tableName() : local.toString());
  }

  /** Whether the plan names this table itself, not by a pattern with a star. */
  public boolean namesExactly(LocalName local) {
    return rules.stream().anyMatch(rule -> !rule.isWild() && rule.matches(local, defaultSchema));
  }

  /** Sorts out which of a database's tables the plan names. */
  public Resolution resolve(List<LocalName> candidates) {
    TreeMap<TableName, LocalName> named = new TreeMap<>();
    List<TableProblem> problems = new ArrayList<>();
    for (LocalName local : candidates) {
      List<TableName> names =
          rules.stream()
              .filter(rule -> rule.matches(local, defaultSchema))
              .map(rule -> rule.nameFor(local))
              .distinct()
              .toList();
      if (names.size() > 1) {
        problems.add(refused(local.toString(), "the plan names it twice, as " + names));
      } else if (names.size() == 1) {
        LocalName other = named.putIfAbsent(names.getFirst(), local);
        if (other != null) {
          problems.add(
              refused(
                  local.toString(), "it and " + other + " are both called " + names.getFirst()));
        }
      }
    }
    for (Rule rule : rules) {
      if (candidates.stream().noneMatch(local -> rule.matches(local, defaultSchema))) {
        problems.add(
            new TableProblem(
                TableProblem.Severity.WARNING,
                rule.text,
                "matches no table here",
                rule.schema == null ? "looked in schema " + defaultSchema : ""));
      }
    }
    return new Resolution(named, problems);
  }

  private static TableProblem refused(String place, String reason) {
    return new TableProblem(
        TableProblem.Severity.REFUSED, place, reason, "name every table once in the plan");
  }

  /**
   * What the plan means here.
   *
   * @param tables by topology-wide name, in its order
   * @param problems tables named twice (refused) and patterns without a match (warnings)
   */
  public record Resolution(SortedMap<TableName, LocalName> tables, List<TableProblem> problems) {
    public Resolution {
      tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
      problems = List.copyOf(problems);
    }
  }

  /** One pattern, taken apart; without a schema it means the default one. */
  private record Rule(String text, @Nullable Pattern schema, Pattern table, boolean isWild) {
    static Rule of(TablePattern pattern) {
      String text = pattern.text();
      List<String> parts = new ArrayList<>();
      StringBuilder regex = new StringBuilder();
      boolean quoted = false;
      boolean wild = false;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '"') {
          boolean doubled = quoted && i + 1 < text.length() && text.charAt(i + 1) == '"';
          if (doubled) {
            regex.append('"');
            i++;
          } else {
            quoted = !quoted;
          }
        } else if (c == '*' && !quoted) {
          regex.append(".*");
          wild = true;
        } else if (c == '.' && !quoted && parts.isEmpty()) {
          parts.add(regex.toString());
          regex.setLength(0);
        } else {
          regex.append(Pattern.quote(String.valueOf(c)));
        }
      }
      Pattern table = Pattern.compile(regex.toString(), Pattern.DOTALL);
      Pattern schema = parts.isEmpty() ? null : Pattern.compile(parts.getFirst(), Pattern.DOTALL);
      return new Rule(text, schema, table, wild);
    }

    boolean matches(LocalName local, String defaultSchema) {
      boolean inSchema =
          schema == null
              ? local.schemaName().equals(defaultSchema)
              : schema.matcher(local.schemaName()).matches();
      return inSchema && table.matcher(local.tableName()).matches();
    }

    TableName nameFor(LocalName local) {
      return new TableName(schema == null ? local.tableName() : local.toString());
    }
  }
}
