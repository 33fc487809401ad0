package io.spokewire.agent.capture.mysql;

import org.jspecify.annotations.Nullable;

/**
 * How far a binlog has come over the wire, as the server names places. Written by the thread that
 * reads the network, read by any.
 */
public final class ReadPlace {
  /**
   * @param file begins with the server's name of it; a checksum may follow
   * @param offset in it, of the end of the last event
   * @param seconds when that was written, since 1970 UTC; 0 before the first
   */
  public record Spot(String file, long offset, long seconds) {}

  private volatile @Nullable Spot spot;

  /** Null before anything was read. */
  public @Nullable Spot spot() {
    return spot;
  }

  /** The server goes on in another file. */
  void file(String file, long offset) {
    Spot before = spot;
    spot = new Spot(file, offset, before == null ? 0 : before.seconds());
  }

  /**
   * @param offset 0 for an event that stands in no file
   */
  void read(long offset, long seconds) {
    Spot before = spot;
    if (before != null && offset > 0) {
      spot = new Spot(before.file(), offset, seconds == 0 ? before.seconds() : seconds);
    }
  }
}
