package io.spokewire.common.config;

import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Map;

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
  public record TablePattern(String text) {}

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
