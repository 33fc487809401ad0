package io.spokewire.hub.pipeline;

/**
 * How one loop wakes another that is made after it. Rings into the void until it is connected. Safe
 * from any thread.
 */
public final class Bell {
  private volatile Runnable wake = () -> {};

  /** From now on {@link #ring} runs this, which must be cheap and never block. */
  public void connect(Runnable newWake) {
    wake = newWake;
  }

  public void ring() {
    wake.run();
  }
}
