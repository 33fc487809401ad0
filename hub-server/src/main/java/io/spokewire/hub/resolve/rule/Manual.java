package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.Collections;
import java.util.List;

/**
 * Leaves the decision to a person. Until then everybody has the latest write, so that nothing waits
 * and all sites are equal; the audit keeps the case open.
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
}
