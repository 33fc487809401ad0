package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The sibling whose write had the latest value in a column of the user's own, such as {@code
 * updated_at}. A write that did not set that column, or set it to NULL, is earlier than any that
 * did; equal ones are told apart by hybrid time.
 *
 * @param order how values of that column compare
 */
public record LastValueWins(String strategy, String column, ValueOrder order) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    return Collections.max(
            siblings, Comparator.comparing(Sibling::stamp, order).thenComparing(Sibling.BY_TIME))
        .value();
  }

  @Override
  public String stampColumn() {
    return column;
  }

  @Override
  public boolean choosesAWrite() {
    return true;
  }
}
