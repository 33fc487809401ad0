package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.Comparator;

/**
 * A write to a field that no later write had seen.
 *
 * @param value what it wrote; for the row's existence {@code t} or {@code f}
 * @param stamp what it wrote to the column that the rule compares, ABSENT if it wrote nothing there
 *     or the rule compares none
 */
public record Sibling(
    SpokeId spoke,
    Sequence sequence,
    Position position,
    HybridTime time,
    Field value,
    Field stamp) {

  /** Hybrid time, then spoke, then sequence: total, and the same at every place that asks. */
  public static final Comparator<Sibling> BY_TIME =
      Comparator.comparing(Sibling::time)
          .thenComparing(Sibling::spoke)
          .thenComparing(Sibling::sequence)
          .thenComparing(s -> s.position().number());

  /** The order in which the hub took the writes. */
  public static final Comparator<Sibling> BY_POSITION =
      Comparator.comparingLong(s -> s.position().number());

  /** By what was written; equal values by time, so that the order is total. */
  static Comparator<Sibling> byValue(ValueOrder order) {
    return Comparator.comparing(Sibling::value, order).thenComparing(BY_TIME);
  }
}
