package io.spokewire.common.clock;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Where a component gets the time from, so that a test or a simulator can turn the hands.
 * Implementations are safe for use from any thread.
 */
public interface TimeSource {
  TimeSource SYSTEM =
      new TimeSource() {
        @Override
        public long epochMicros() {
          return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** Wall-clock microseconds since 1970-01-01T00:00:00Z; may jump. */
  long epochMicros();

  /** Nanoseconds of a clock that never jumps; only differences mean anything. */
  long nanos();

  default Instant instant() {
    return Instant.EPOCH.plus(epochMicros(), ChronoUnit.MICROS);
  }
}
