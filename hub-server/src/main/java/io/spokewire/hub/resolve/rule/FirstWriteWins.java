package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.List;

/** The sibling with the earliest hybrid time; of equal times the one of the spoke first by name. */
public record FirstWriteWins(String strategy) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    return Collections.min(siblings, Sibling.BY_TIME).value();
  }

  @Override
  public boolean choosesAWrite() {
    return true;
  }
}
