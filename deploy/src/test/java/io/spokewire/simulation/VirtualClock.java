package io.spokewire.simulation;

import io.spokewire.common.clock.TimeSource;

/** A machine's clock: the schedule's time, off by what somebody turned its hands. */
final class VirtualClock implements TimeSource {
  /** 1 January 2026, microseconds since 1970 UTC. */
  private static final long BEGINNING = 1_767_225_600_000_000L;

  private final Schedule schedule;
  private long offsetMicros;

  VirtualClock(Schedule schedule) {
    this.schedule = schedule;
  }

  void turn(long micros) {
    offsetMicros = micros;
  }

  @Override
  public long epochMicros() {
    return BEGINNING + schedule.now() + offsetMicros;
  }

  @Override
  public long nanos() {
    return schedule.now() * 1000;
  }
}
