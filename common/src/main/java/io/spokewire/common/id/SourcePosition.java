package io.spokewire.common.id;

import io.spokewire.common.bytes.Bytes;

/**
 * A place in a source database's own log, in the engine's own form (for PostgreSQL the end LSN of
 * the commit, eight bytes big-endian). Only the engine's package reads inside; everyone else
 * stores, compares for equality and hands it back. {@link #NONE} is "before anything was read".
 */
public record SourcePosition(Bytes token) {
  public static final SourcePosition NONE = new SourcePosition(Bytes.EMPTY);

  public boolean isNone() {
    return token.isEmpty();
  }

  @Override
  public String toString() {
    return isNone() ? "none" : token.toHex();
  }
}
