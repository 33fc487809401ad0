package io.spokewire.hub.pipeline;

import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * A writer's last hashes by sequence, so that a transaction that comes again is compared and not
 * just believed. Owned by one thread.
 */
final class HashRing {
  private final @Nullable ChainHash[] hashes;
  private long last;

  HashRing(int length) {
    this.hashes = new ChainHash[length];
  }

  /** Takes the hash of the sequence that follows, or any if the ring is empty. */
  void put(Sequence sequence, ChainHash hash) {
    hashes[slot(sequence.number())] = hash;
    last = sequence.number();
  }

  /** Null if it is too old, or was never here. */
  @Nullable ChainHash find(Sequence sequence) {
    long number = sequence.number();
    boolean kept = number > 0 && number <= last && number > last - hashes.length;
    return kept ? hashes[slot(number)] : null;
  }

  private int slot(long number) {
    return (int) (number % hashes.length);
  }
}
