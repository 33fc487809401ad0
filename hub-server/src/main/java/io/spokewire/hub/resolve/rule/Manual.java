package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.List;

/**
 * A person decides; until then the latest write stands everywhere, so that no site waits and all
 * are equal.
 */
public record Manual(String strategy) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    return Collections.max(siblings, Sibling.BY_TIME).value();
  }

  @Override
  public boolean awaitsDecision() {
    return true;
  }

  @Override
  public boolean choosesAWrite() {
    return true;
  }
}
