package io.spokewire.common.config;

import static java.util.stream.Collectors.joining;

import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the hub is told to do. Immutable; versioned at the hub together with its text.
 *
 * @param tables which tables flow
 * @param conflicts how conflicts are settled
 * @param notActive parts that are accepted but not acted on yet, for people
 */
public record Plan(List<TablePattern> tables, ConflictPolicy conflicts, List<String> notActive) {
  public Plan {
    tables = List.copyOf(tables);
    notActive = List.copyOf(notActive);
  }

  /**
   * A table or a pattern. Without a schema it is a table in each spoke's default schema, and {@code
   * *} stands for any run of characters; {@code public.*} is taken literally and names the tables
   * {@code public.orders}.
   */
  public record TablePattern(String text) implements Comparable<TablePattern> {
    /** Whether it names this table; {@code *} stands for any run of characters but a dot. */
    public boolean matches(TableName table) {
      String regex =
          Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(joining("[^.]*"));
      return Pattern.matches(regex, table.name());
    }

    public boolean isExact() {
      return text.indexOf('*') < 0;
    }

    /** The more specific one is greater: an exact name, then the longer text. */
    @Override
    public int compareTo(TablePattern other) {
      int byExactness = Boolean.compare(isExact(), other.isExact());
      int byLength = Integer.compare(text.length(), other.text.length());
      return byExactness != 0 ? byExactness : byLength != 0 ? byLength : text.compareTo(other.text);
    }
  }

  /**
   * @param strategies in the order of the plan; the first is the default
   * @param tables for a table (or pattern), what differs from the default
   */
  public record ConflictPolicy(List<Strategy> strategies, Map<TablePattern, TablePolicy> tables) {
    public ConflictPolicy {
      strategies = List.copyOf(strategies);
      tables = Map.copyOf(tables);
    }

    /** Last write wins everywhere: what holds when the plan says nothing. */
    public static final ConflictPolicy DEFAULT =
        new ConflictPolicy(List.of(Strategy.LAST_WRITE_WINS), Map.of());
  }

  /**
   * A named way to settle a conflict.
   *
   * @param name the user's name for it; in the audit
   * @param kind what it does
   * @param order spokes, first wins, for SOURCE_PRIORITY; empty: the arriving write wins
   */
  public record Strategy(String name, Kind kind, List<SpokeId> order) {
    public static final Strategy LAST_WRITE_WINS =
        new Strategy("last_write_wins", Kind.LAST_WRITE_WINS, List.of());

    public Strategy {
      order = List.copyOf(order);
    }

    /** The strategies known. */
    public enum Kind {
      LAST_WRITE_WINS,
      SOURCE_PRIORITY
    }
  }

  /** What holds for one table. */
  public record TablePolicy(Strategy strategy, DeletePolicy delete) {}

  /** What happens when a delete meets a concurrent write. */
  public enum DeletePolicy {
    DELETE_WINS,
    UPDATE_WINS,
    LAST_WRITE_WINS
  }
}
