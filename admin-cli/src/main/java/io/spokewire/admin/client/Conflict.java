package io.spokewire.admin.client;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One conflicting field of one row, from the audit.
 *
 * @param key a JSON object
 * @param field {@code #} for the row's existence
 * @param type the logical type of the values; {@code existence} for {@code #}
 * @param source the arriving write
 * @param target the live sibling it met
 */
public record Conflict(
    long id,
    long loggedMicros,
    String table,
    String key,
    String field,
    String kind,
    String type,
    Value base,
    Side source,
    Side target,
    String resolution,
    Value result,
    String channel,
    long position,
    int ruleVersion) {

  /** One of the two writes. */
  public record Side(String spoke, long sequence, Value value, Map<String, Long> clock) {
    public Side {
      clock = new TreeMap<>(clock);
    }
  }

  /**
   * A value as text; without one it is NULL, or absent: not known, or the row does not exist there.
   */
  public record Value(Optional<String> text, boolean absent) {}

  /** Which conflicts to list; empty parts do not restrict. {@code limit} 0: all. */
  public record Filter(
      String table,
      String key,
      String field,
      OptionalLong sinceMicros,
      OptionalLong untilMicros,
      String strategy,
      String kind,
      String spoke,
      long limit) {}
}
