package io.spokewire.hub.audit;

import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.time.Instant;
import java.util.Optional;

/**
 * Which conflicts to read, newest first. Empty parts do not restrict.
 *
 * @param key a key as JSON, or its values joined by commas: {@code 7}, {@code 7,paris}
 * @param since inclusive
 * @param until exclusive
 * @param spoke on either side
 * @param before only ids below this: the last id of the page before
 * @param limit the size of a page, at least 1
 */
public record ConflictQuery(
    Optional<TableName> table,
    Optional<String> key,
    Optional<String> field,
    Optional<Instant> since,
    Optional<Instant> until,
    Optional<String> strategy,
    Optional<String> kind,
    Optional<SpokeId> spoke,
    long before,
    int limit) {
  public ConflictQuery {
    if (limit < 1) {
      throw new IllegalArgumentException("a page of " + limit + " conflicts");
    }
  }

  /** The newest of all. */
  public static ConflictQuery newest(int limit) {
    return new ConflictQuery(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Long.MAX_VALUE,
        limit);
  }

  /** The same question for what comes after this id on the way to older ones. */
  public ConflictQuery page(long beforeId, int size) {
    return new ConflictQuery(
        table, key, field, since, until, strategy, kind, spoke, beforeId, size);
  }
}
