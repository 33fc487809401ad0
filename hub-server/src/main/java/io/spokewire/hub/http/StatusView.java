package io.spokewire.hub.http;

import java.util.List;
import java.util.OptionalLong;

/**
 * What the console's page shows, already worded. Asked once per page view; safe from any thread.
 */
public interface StatusView {
  Status read();

  /**
   * @param status one word for the whole, such as {@code healthy}
   * @param notices what an operator should know of the hub now, a line each
   */
  record Status(
      String hub,
      String status,
      List<String> notices,
      List<SpokeLine> spokes,
      List<TableLine> tables,
      double rowsPerSecond,
      double peakRowsPerSecond,
      long recordsToday,
      long errorsToday,
      OptionalLong conflictsToday,
      List<ConflictLine> conflicts) {
    public Status {
      notices = List.copyOf(notices);
      spokes = List.copyOf(spokes);
      tables = List.copyOf(tables);
      conflicts = List.copyOf(conflicts);
    }
  }

  /** A spoke; {@code reason} says why it is not live, or what its agent complains of. */
  record SpokeLine(
      String name,
      String engine,
      String direction,
      String state,
      String reason,
      double lagSeconds,
      long appliedPosition,
      long outboxPending) {}

  /** A table that flows. */
  record TableLine(String table, String status, double lagSeconds, long records) {}

  /** One of the latest conflicts. */
  record ConflictLine(
      String timestamp,
      String table,
      String key,
      String field,
      String source,
      String sourceValue,
      String target,
      String targetValue,
      String resolution,
      String result) {}
}
