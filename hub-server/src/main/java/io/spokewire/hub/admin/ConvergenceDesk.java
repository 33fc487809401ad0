package io.spokewire.hub.admin;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.hub.topology.HubControl;
import io.spokewire.proto.ConvergenceProgress;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Waits until everything committed anywhere is everywhere. Safe from any thread. */
public final class ConvergenceDesk {
  private static final Duration LONGEST = Duration.ofDays(1);

  private final HubControl control;
  private final TimeSource time;
  private final Duration progressEvery;

  /**
   * @param progressEvery how often the caller hears what is lacking
   */
  public ConvergenceDesk(HubControl control, TimeSource time, Duration progressEvery) {
    this.control = control;
    this.time = time;
    this.progressEvery = progressEvery;
  }

  /**
   * Takes a barrier and waits for it on the calling thread; the barrier is given up when nobody
   * listens any more.
   *
   * @param abandoned whether the caller has gone away
   * @param progress told what is lacking, at last with {@code finished}
   */
  void await(Duration timeout, BooleanSupplier abandoned, Consumer<ConvergenceProgress> progress)
      throws InterruptedException {
    Duration bounded = timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout;
    long deadline = time.nanos() + bounded.toNanos();
    try (HubControl.BarrierWait barrier = control.takeBarrier()) {
      while (!abandoned.getAsBoolean()) {
        Duration left = Duration.ofNanos(Math.max(0, deadline - time.nanos()));
        boolean converged = barrier.await(left.compareTo(progressEvery) < 0 ? left : progressEvery);
        boolean finished = converged || deadline - time.nanos() <= 0;
        ConvergenceProgress.Builder message =
            ConvergenceProgress.newBuilder().setFinished(finished).setConverged(converged);
        if (!converged) {
          message.addAllLacking(barrier.lacking());
        }
        progress.accept(message.build());
        if (finished) {
          return;
        }
      }
    }
  }
}
