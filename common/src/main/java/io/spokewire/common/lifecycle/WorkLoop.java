package io.spokewire.common.lifecycle;

/**
 * One loop of a process: take, do, hand on, acknowledge. Driven by one thread at a time (a {@link
 * LoopRunner}, a test, or a simulator), so implementations need no locks of their own.
 */
public interface WorkLoop extends AutoCloseable {
  /** Names the thread and the log lines. */
  String name();

  /**
   * Does what there is to do now and returns.
   *
   * @return how many units of work were done; 0 means there was nothing, and the driver may idle
   * @throws io.spokewire.common.fault.Fault when the step failed; the driver calls again later if
   *     the fault heals by itself, and stops the loop otherwise
   */
  int doWork() throws InterruptedException;

  /** Releases what the loop holds. Called once, by the driving thread, after the last step. */
  @Override
  default void close() {}
}
