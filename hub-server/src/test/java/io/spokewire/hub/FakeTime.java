package io.spokewire.hub;

import io.spokewire.common.clock.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test turns: it begins at the present and moves only when told. */
public final class FakeTime implements TimeSource {
  private final AtomicLong micros = new AtomicLong(TimeSource.SYSTEM.epochMicros());

  public void advance(Duration by) {
    micros.addAndGet(by.toNanos() / 1_000);
  }

  @Override
  public long epochMicros() {
    return micros.get();
  }

  @Override
  public long nanos() {
    return micros.get() * 1_000;
  }
}
