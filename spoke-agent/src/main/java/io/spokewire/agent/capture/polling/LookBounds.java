package io.spokewire.agent.capture.polling;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * From where on a look reads a table by its growing column: from what the clocks showed when it was
 * last looked at, less what they may be behind. Not from the largest value seen, since one row that
 * is dated in the future would hide all that come after it.
 *
 * @param overlap so late a transaction may commit after it set the column
 * @param zone in which columns without a zone are written; empty if nobody knows
 */
public record LookBounds(Duration overlap, Optional<ZoneId> zone) {
  /** No zone is further behind UTC. */
  private static final Duration FURTHEST_BEHIND = Duration.ofHours(12);

  /** No clock is put back by more. */
  private static final Duration PUT_BACK = Duration.ofHours(2);

  /**
   * The earliest value that may have been committed since.
   *
   * @param last the database's clock when the table was last looked at
   * @return of a point in time, as UTC has it
   */
  LocalDateTime from(GrowingColumn.Kind kind, Instant last) {
    Instant from = last.minus(overlap);
    if (kind == GrowingColumn.Kind.INSTANT) {
      return LocalDateTime.ofInstant(from, ZoneOffset.UTC);
    }
    if (zone.isEmpty()) {
      return LocalDateTime.ofInstant(from.minus(FURTHEST_BEHIND), ZoneOffset.UTC);
    }
    LocalDateTime shown = LocalDateTime.ofInstant(from, zone.get());
    return zone.get().getRules().isFixedOffset() ? shown : shown.minus(PUT_BACK);
  }
}
