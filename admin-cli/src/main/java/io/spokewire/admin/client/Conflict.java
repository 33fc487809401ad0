package io.spokewire.admin.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One conflicting field of one row, from the audit.
 *
 * @param loggedMicros when it was found
 * @param key a JSON object
 * @param field {@code #} for the row's existence
 * @param type the logical type of the values; {@code existence} for {@code #}
 * @param state {@code settled}, {@code open}, {@code decided} or {@code reverted}
 * @param source the arriving write
 * @param target the live sibling it met
 * @param others further siblings that were weighed, in the order of the log
 * @param decision what a person said of it
 */
public record Conflict(
    long id,
    long loggedMicros,
    String table,
    String key,
    String field,
    String kind,
    String type,
    String state,
    Value base,
    Side source,
    Side target,
    List<Side> others,
    String resolution,
    Value result,
    Optional<Decision> decision,
    String channel,
    long position,
    int ordinal,
    int ruleVersion) {
  public Conflict {
    others = List.copyOf(others);
  }

  /**
   * One of the writes.
   *
   * @param position in the log
   * @param timeMicros of its commit
   * @param deleted the row it deleted, as a JSON object, if it did and the row is known
   */
  public record Side(
      String spoke,
      long sequence,
      long position,
      long timeMicros,
      Value value,
      Optional<String> deleted,
      Map<String, Long> clock) {
    public Side {
      clock = new TreeMap<>(clock);
    }
  }

  /** A value as text; without one it is NULL, or absent: not known, or there is no row. */
  public record Value(Optional<String> text, boolean absent) {}

  /** What a person said of a conflict. */
  public record Decision(String by, long atMicros, Value value, String reason) {}

  /** Which conflicts; empty parts do not restrict. */
  public record Filter(
      String table,
      String key,
      String field,
      OptionalLong sinceMicros,
      OptionalLong untilMicros,
      String strategy,
      String kind,
      String spoke,
      String state) {}

  /**
   * Conflicts that have something in common.
   *
   * @param values what they have in common, in the order asked for
   * @param open how many of them await a decision
   */
  public record Count(List<String> values, long conflicts, long open) {
    public Count {
      values = List.copyOf(values);
    }
  }
}
