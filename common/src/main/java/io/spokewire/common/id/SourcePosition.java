package io.spokewire.common.id;

import io.spokewire.common.bytes.Bytes;

/**
 * A place in a source database's own log, in the engine's own form (for PostgreSQL the end LSN of
 * the commit, eight bytes big-endian). Only the engine's package reads inside; everyone else
 * stores, compares and hands it back. {@link #NONE} is "before anything was read".
 *
 * <p>Contract for engines: the tokens of one source ascend as unsigned bytes in its log's order, so
 * that the hub, which knows no engine, can tell what it is sent again from what is new.
 */
public record SourcePosition(Bytes token) {
  public static final SourcePosition NONE = new SourcePosition(Bytes.EMPTY);

  public boolean isNone() {
    return token.isEmpty();
  }

  /** Whether this place of the same source comes before another. */
  public boolean isBefore(SourcePosition other) {
    return token.compareTo(other.token) < 0;
  }

  @Override
  public String toString() {
    return isNone() ? "none" : token.toHex();
  }
}
