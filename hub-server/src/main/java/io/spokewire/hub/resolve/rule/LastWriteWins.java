package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.List;

/** The sibling with the latest hybrid time; of equal times the one of the spoke later by name. */
public record LastWriteWins(String strategy) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    return Collections.max(siblings, Sibling.BY_TIME).value();
  }

  @Override
  public boolean choosesAWrite() {
    return true;
  }
}
