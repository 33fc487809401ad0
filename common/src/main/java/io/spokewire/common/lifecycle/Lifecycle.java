package io.spokewire.common.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The parts of a process in the order they were started. {@link #close()} stops them in reverse,
 * keeps going when one fails, and adds each further failure as suppressed. Not thread-safe: one
 * thread starts and stops a process.
 */
public final class Lifecycle implements AutoCloseable {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Registers a part that is already running. Returns it, so that wiring reads as a list. */
  public <T extends AutoCloseable> T add(T part) {
    started.push(part);
    return part;
  }

  /** Starts a loop and registers it. */
  public LoopRunner start(LoopRunner runner) {
    runner.start();
    return add(runner);
  }

  @Override
  public void close() {
    RuntimeException first = null;
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        if (first == null) {
          first = new IllegalStateException("stopping failed", e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
