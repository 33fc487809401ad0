package io.spokewire.common.id;

import io.spokewire.common.bytes.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A writer's running hash over what it sent: the first sixteen bytes of {@code SHA-256(previous ‖
 * source position ‖ canonical rows)}. It covers only what a re-read of the source yields again (no
 * time, no context, no compression), so agent and hub can compare it after any crash.
 */
public record ChainHash(Bytes value) {
  public static final int LENGTH = 16;

  /** Before a writer's first transaction. */
  public static final ChainHash START = new ChainHash(Bytes.wrap(new byte[LENGTH]));

  public ChainHash {
    if (value.length() != LENGTH) {
      throw new IllegalArgumentException("chain hash of " + value.length() + " bytes");
    }
  }

  /** Starts the hash of the transaction that follows this one. */
  public Link link(SourcePosition position) {
    return new Link(this, position);
  }

  @Override
  public String toString() {
    return value.toHex();
  }

  /** One transaction's hash in the making; rows may come in chunks. Not thread-safe. */
  public static final class Link {
    private final MessageDigest digest;

    private Link(ChainHash previous, SourcePosition position) {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java runtime has SHA-256", e);
      }
      add(previous.value());
      digest.update((byte) position.token().length());
      add(position.token());
    }

    public Link add(Bytes rows) {
      digest.update(rows.backingArray(), rows.backingOffset(), rows.length());
      return this;
    }

    public ChainHash close() {
      return new ChainHash(Bytes.wrap(digest.digest(), 0, LENGTH));
    }
  }
}
