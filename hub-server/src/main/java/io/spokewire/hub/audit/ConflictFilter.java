package io.spokewire.hub.audit;

import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictKind;
import java.time.Instant;
import java.util.Optional;

/**
 * Which conflicts. Empty parts do not restrict.
 *
 * @param key a key as JSON, or its values joined by commas: {@code 7}, {@code 7,paris}
 * @param since found at this time or later
 * @param until found before this time
 * @param spoke on either side
 */
public record ConflictFilter(
    Optional<TableName> table,
    Optional<String> key,
    Optional<String> field,
    Optional<Instant> since,
    Optional<Instant> until,
    Optional<String> strategy,
    Optional<ConflictKind> kind,
    Optional<SpokeId> spoke,
    Optional<ConflictState> state) {
  /** All of them. */
  public static final ConflictFilter ANY =
      new ConflictFilter(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
}
