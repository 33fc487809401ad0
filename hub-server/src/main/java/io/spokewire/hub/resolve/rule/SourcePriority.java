package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import io.spokewire.common.id.SpokeId;
import java.util.Comparator;
import java.util.List;

/**
 * The sibling of the spoke that stands first in the order. Spokes that the order does not name come
 * after all that it names; among equals the one that reached the hub last wins, so an empty order
 * means "the arriving write".
 */
public record SourcePriority(String strategy, List<SpokeId> order) implements FieldRule {
  public SourcePriority {
    order = List.copyOf(order);
  }

  @Override
  public Field settle(List<Sibling> siblings) {
    return siblings.stream()
        .min(Comparator.comparingInt(this::rank).thenComparing(Sibling.BY_POSITION.reversed()))
        .orElseThrow()
        .value();
  }

  private int rank(Sibling sibling) {
    int index = order.indexOf(sibling.spoke());
    return index < 0 ? order.size() : index;
  }

  @Override
  public boolean choosesAWrite() {
    return true;
  }
}
