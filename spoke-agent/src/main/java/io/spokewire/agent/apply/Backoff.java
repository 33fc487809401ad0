package io.spokewire.agent.apply;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between attempts: doubled each time up to a bound, and jittered. One thread. */
public final class Backoff {
  private final ApplySettings settings;
  private final RandomGenerator random;
  private final Pause pause;

  /**
   * @param random for the jitter, so that two agents that met in a deadlock don't meet again
   * @param pause how to wait; a test may only count
   */
  public Backoff(ApplySettings settings, RandomGenerator random, Pause pause) {
    this.settings = settings;
    this.random = random;
    this.pause = pause;
  }

  /** Waits before attempt {@code attempt + 1}; {@code attempt} counts from 1. */
  public void afterAttempt(int attempt) {
    long bound =
        Math.min(
            settings.longestPause().toMillis(),
            settings.firstPause().toMillis() << Math.min(attempt - 1, 20));
    long millis = bound / 2 + random.nextLong(bound / 2 + 1);
    try {
      pause.sleep(Duration.ofMillis(millis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Fault.of(FaultKind.UNREACHABLE, "apply", "interrupted while waiting to try again")
          .healsByItself()
          .causedBy(e);
    }
  }

  /** A way to let time pass. */
  public interface Pause {
    Pause SLEEP = Thread::sleep;

    void sleep(Duration time) throws InterruptedException;
  }
}
