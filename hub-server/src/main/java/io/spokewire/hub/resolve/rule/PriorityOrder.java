package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The value that stands first in a list. Values that the list does not name, and NULL after them,
 * come last; among equals the latest write stands.
 */
public final class PriorityOrder implements FieldRule {
  private final String strategy;
  private final Map<Bytes, Integer> ranks = new HashMap<>();

  /**
   * @param order canonical values, first wins
   */
  public PriorityOrder(String strategy, List<Bytes> order) {
    this.strategy = strategy;
    order.forEach(value -> ranks.putIfAbsent(value, ranks.size()));
  }

  @Override
  public String strategy() {
    return strategy;
  }

  @Override
  public Field settle(List<Sibling> siblings) {
    return siblings.stream()
        .min(Comparator.comparingInt(this::rank).thenComparing(Sibling.BY_TIME.reversed()))
        .orElseThrow()
        .value();
  }

  private int rank(Sibling sibling) {
    return sibling.value().isNull()
        ? Integer.MAX_VALUE
        : ranks.getOrDefault(sibling.value().value(), ranks.size());
  }
}
