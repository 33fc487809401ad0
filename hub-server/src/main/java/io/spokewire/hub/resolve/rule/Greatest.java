package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.List;

/** {@code max}: the largest value; NULL only if nobody wrote a value. */
public record Greatest(String strategy, ValueOrder order) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    return Collections.max(siblings, Sibling.byValue(order)).value();
  }
}
