package io.spokewire.common.config;

import io.spokewire.common.id.TableName;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the hub is told to do. Immutable; versioned at the hub together with its text.
 *
 * @param tables which tables flow
 * @param conflicts how conflicts are settled
 * @param conflictLog how conflicts are kept and told of
 * @param notActive parts that are accepted but not acted on yet, for people
 */
public record Plan(
    List<TablePattern> tables,
    ConflictPolicy conflicts,
    ConflictLog conflictLog,
    List<String> notActive) {
  /** Before the first plan: nothing flows. */
  public static final Plan NOTHING = of(List.of(), ConflictPolicy.DEFAULT);

  public Plan {
    tables = List.copyOf(tables);
    notActive = List.copyOf(notActive);
  }

  /** One that says nothing but this. */
  public static Plan of(List<TablePattern> tables, ConflictPolicy conflicts) {
    return new Plan(tables, conflicts, ConflictLog.UNSAID, List.of());
  }

  /**
   * @param retention how long a conflict stays in the audit; empty: as the hub is set
   * @param alertAbove conflicts an hour beyond which people are told; empty: never
   */
  public record ConflictLog(Optional<Duration> retention, Optional<Integer> alertAbove) {
    public static final ConflictLog UNSAID = new ConflictLog(Optional.empty(), Optional.empty());
  }

  /** Whether this plan lets a table flow. */
  public boolean covers(TableName table) {
    return tables.stream().anyMatch(pattern -> pattern.matches(table));
  }

  /**
   * A table or a pattern. Without a schema it is a table in each spoke's default schema, and {@code
   * *} stands for any run of characters; {@code public.*} is taken literally and names the tables
   * {@code public.orders}. The first dot parts schema and table; {@code *} never stands for it.
   */
  public record TablePattern(String text) implements Comparable<TablePattern> {
    /** Whether it may name more than one table. */
    public boolean isPattern() {
      return text.indexOf('*') >= 0;
    }

    /** Whether it names this table, given by its topology-wide name. */
    public boolean matches(TableName table) {
      String name = table.name();
      int ours = text.indexOf('.');
      int theirs = name.indexOf('.');
      if (ours < 0 || theirs < 0) {
        return ours < 0 && theirs < 0 && Glob.intersect(text, name);
      }
      return Glob.intersect(text.substring(0, ours), name.substring(0, theirs))
          && Glob.intersect(text.substring(ours + 1), name.substring(theirs + 1));
    }

    public boolean isExact() {
      return !isPattern();
    }

    /** The more specific one is greater: an exact name, then the longer text. */
    @Override
    public int compareTo(TablePattern other) {
      int byExactness = Boolean.compare(isExact(), other.isExact());
      int byLength = Integer.compare(text.length(), other.text.length());
      return byExactness != 0 ? byExactness : byLength != 0 ? byLength : text.compareTo(other.text);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * @param strategies in the order of the plan, at least one; the first is the default
   * @param tables for a table (or pattern), what differs from the default, in the order of the plan
   */
  public record ConflictPolicy(List<Strategy> strategies, Map<TablePattern, TablePolicy> tables) {
    public ConflictPolicy {
      strategies = List.copyOf(strategies);
      tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    }

    /** Last write wins everywhere: what holds when the plan says nothing. */
    public static final ConflictPolicy DEFAULT =
        new ConflictPolicy(List.of(Strategy.LAST_WRITE_WINS), Map.of());

    /**
     * What holds for a table: what is said for its own name, else for the first pattern that
     * matches it, else the default strategy with {@code delete_wins}.
     */
    public TablePolicy of(TableName table) {
      TablePolicy named = tables.get(new TablePattern(table.name()));
      if (named != null) {
        return named;
      }
      return tables.entrySet().stream()
          .filter(entry -> entry.getKey().matches(table))
          .map(Map.Entry::getValue)
          .findFirst()
          .orElseGet(() -> TablePolicy.of(strategies.getFirst()));
    }

    /** Where a site's own pending writes are protected. */
    public ProtectedTables protectedTables() {
      Map<TablePattern, Boolean> said = new LinkedHashMap<>();
      tables.forEach((pattern, policy) -> said.put(pattern, policy.protectsPending()));
      return new ProtectedTables(said, TablePolicy.of(strategies.getFirst()).protectsPending());
    }

    /**
     * The rule for a column: what the table's strategy says of the column, else what it says of all
     * of them, else the same of the plan's first strategy.
     */
    public NamedRule ruleFor(TablePolicy policy, String column) {
      NamedRule own = policy.strategy().ruleFor(column);
      NamedRule first = own == null ? strategies.getFirst().ruleFor(column) : own;
      return first == null ? NamedRule.DEFAULT : first;
    }
  }

  /**
   * A rule and what the audit calls it.
   *
   * @param name the strategy's name, or for one column's rule the rule's own
   */
  public record NamedRule(String name, ConflictRule rule) {
    static final NamedRule DEFAULT =
        new NamedRule(ConflictRule.DEFAULT.label(), ConflictRule.DEFAULT);
  }

  /**
   * A named way to settle conflicts.
   *
   * @param name the user's name for it; in the audit
   * @param rule for every column that {@code columns} does not name; empty: the plan's first
   *     strategy decides those
   * @param columns rules of single columns
   */
  public record Strategy(
      String name, Optional<ConflictRule> rule, Map<String, ConflictRule> columns) {
    public static final Strategy LAST_WRITE_WINS =
        new Strategy("last_write_wins", Optional.of(ConflictRule.DEFAULT), Map.of());

    public Strategy {
      columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    @Nullable NamedRule ruleFor(String column) {
      ConflictRule one = columns.get(column);
      if (one != null) {
        return new NamedRule(one.label(), one);
      }
      return rule.map(all -> new NamedRule(name, all)).orElse(null);
    }
  }

  /**
   * What holds for one table.
   *
   * @param fieldGroups columns that make sense only together, such as street and city: one write
   *     gives all of a group's values; no column is in two
   */
  public record TablePolicy(
      Strategy strategy,
      DeletePolicy delete,
      List<List<String>> fieldGroups,
      UniquePolicy unique,
      ForeignKeyPolicy foreignKey,
      OwnWrites ownWrites) {
    public TablePolicy {
      fieldGroups = fieldGroups.stream().map(List::copyOf).toList();
    }

    public static TablePolicy of(Strategy strategy) {
      return of(strategy, DeletePolicy.DELETE_WINS);
    }

    public static TablePolicy of(Strategy strategy, DeletePolicy delete) {
      return new TablePolicy(
          strategy,
          delete,
          List.of(),
          UniquePolicy.NULL_LOSER,
          ForeignKeyPolicy.PARK_CHILD,
          OwnWrites.UNSAID);
    }

    /** Whether a site's own pending writes are protected. */
    public boolean protectsPending() {
      return ownWrites == OwnWrites.PROTECTED;
    }
  }

  /** What becomes of the row that loses when two sites gave one unique value to two rows. */
  public enum UniquePolicy {
    /** Its value becomes NULL; where the column allows none, as {@link #PARK_LOSER}. */
    NULL_LOSER,
    /** The write that took the value is taken back, and waits in the audit for a person. */
    PARK_LOSER
  }

  /** What happens when a row is written while the row it refers to is deleted elsewhere. */
  public enum ForeignKeyPolicy {
    /** The write is taken back, and waits in the audit for a person. */
    PARK_CHILD,
    /** The deleted row comes back. */
    RESTORE_PARENT,
    /** The write is taken back; the audit keeps it. */
    DROP_CHILD
  }

  /** Whether a site keeps a write of its own until the hub has taken it into account. */
  public enum OwnWrites {
    /** The plan leaves it open. */
    UNSAID,
    PROTECTED,
    UNPROTECTED
  }

  /** What happens when a delete meets a concurrent write. */
  public enum DeletePolicy {
    DELETE_WINS,
    UPDATE_WINS,
    LAST_WRITE_WINS
  }
}
