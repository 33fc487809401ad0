package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.List;

/** {@code min}: the smallest value; NULL only if nobody wrote a value. */
public record Least(String strategy, ValueOrder order) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    List<Sibling> values = siblings.stream().filter(s -> !s.value().isNull()).toList();
    return values.isEmpty() ? Field.NULL : Collections.min(values, Sibling.byValue(order)).value();
  }
}
