package io.spokewire.hub.resolve.rule;

import io.spokewire.common.change.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settles one field. A pure function of the sibling set: no clock, no state, no I/O, and the order
 * of the list does not matter. Run once; its result is logged and never computed again.
 */
public interface FieldRule {
  /** The strategy's name, as plan and audit have it. */
  String strategy();

  /**
   * The field's value, given every write that no other write has seen.
   *
   * @param siblings at least one; each holds a value or NULL, never ABSENT
   */
  Field settle(List<Sibling> siblings);

  /**
   * Whether updates of the field are added up instead of weighed against each other: then they
   * never conflict and {@link #settle} is asked only for writes that are no updates of a number.
   */
  default boolean addsUp() {
    return false;
  }

  /** Whether it chooses one of the writes without looking at what was written. */
  default boolean choosesAWrite() {
    return false;
  }

  /** Whether what it settles is provisional, and the case stays open until a person decides. */
  default boolean awaitsDecision() {
    return false;
  }

  /**
   * The column of the same row whose value every {@link Sibling#stamp} must hold; null if the rule
   * does not look at it.
   */
  default @Nullable String stampColumn() {
    return null;
  }
}
