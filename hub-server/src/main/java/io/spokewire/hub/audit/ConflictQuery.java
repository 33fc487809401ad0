package io.spokewire.hub.audit;

/**
 * A page of conflicts, newest first.
 *
 * @param before only ids below this: the last id of the page before
 * @param limit the size of the page, at least 1
 */
public record ConflictQuery(ConflictFilter filter, long before, int limit) {
  public ConflictQuery {
    if (limit < 1) {
      throw new IllegalArgumentException("a page of " + limit + " conflicts");
    }
  }

  /** The newest of all. */
  public static ConflictQuery newest(int limit) {
    return newest(ConflictFilter.ANY, limit);
  }

  /** The newest of some. */
  public static ConflictQuery newest(ConflictFilter filter, int limit) {
    return new ConflictQuery(filter, Long.MAX_VALUE, limit);
  }

  /** The same question for what comes after this id on the way to older ones. */
  public ConflictQuery page(long beforeId, int size) {
    return new ConflictQuery(filter, beforeId, size);
  }
}
