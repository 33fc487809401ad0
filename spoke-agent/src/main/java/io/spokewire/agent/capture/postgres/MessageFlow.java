package io.spokewire.agent.capture.postgres;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Lets messages gather when many come, but slower than they are handled. The server sends each by
 * itself: a reader that is always there to fetch it pays several system calls for every message,
 * and takes the processor from the server that makes them. One that comes back a little later finds
 * many in one read. A source that is quiet, or that has a backlog lying ready, is never waited for.
 *
 * <p>Not thread-safe.
 */
final class MessageFlow {
  static final int MESSAGES = 64;

  /** As fast as this, and they come from a buffer. */
  private static final long READY_NANOS = 400_000;

  /** As slow as this, and every one is wanted at once. */
  private static final long QUIET_NANOS = 6_000_000;

  private static final long GATHER_NANOS = 700_000;

  private final LongSupplier nanos;
  private final LongConsumer wait;
  private int messages;
  private long since;

  /**
   * @param nanos a clock that only goes on, in nanoseconds
   * @param wait waits for about so many nanoseconds
   */
  MessageFlow(LongSupplier nanos, LongConsumer wait) {
    this.nanos = nanos;
    this.wait = wait;
    this.since = nanos.getAsLong();
  }

  /** To be called after each message; may wait for less than a millisecond. */
  void received() {
    if (++messages < MESSAGES) {
      return;
    }
    messages = 0;
    long now = nanos.getAsLong();
    long took = now - since;
    if (took > READY_NANOS && took < QUIET_NANOS) {
      wait.accept(GATHER_NANOS);
      now = nanos.getAsLong();
    }
    since = now;
  }
}
