package io.spokewire.hub.pipeline;

/**
 * How much memory the rows that can still be in conflict may take, by the window's own estimate.
 *
 * @param bytes from here on, only the spokes that hold the frontier back may add to it
 */
public record WindowLimit(long bytes) {
  /** Somebody is told from here on. */
  long near() {
    return bytes - bytes / 5;
  }

  /** Once nobody but the holders was let in, the others are again below this. */
  long open() {
    return bytes - bytes / 10;
  }

  /**
   * With the reserve for those who hold the frontier back: nobody adds to it beyond this. As large
   * as the limit, because a site that was cut off for long has much to tell before the first word
   * of what it has seen since.
   */
  long full() {
    return 2 * bytes;
  }

  /** Up to this, one transaction that has the window almost for itself. */
  long alone() {
    return 2 * bytes + bytes / 2;
  }

  /** What a rebuild may take: a little more, since the frontier that is on disk is behind. */
  long rebuilt() {
    return alone() + bytes / 4;
  }
}
