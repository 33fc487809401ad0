package io.spokewire.common.clock;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A time for rules that must compare times: microseconds of the source's commit, raised so that it
 * never runs behind what its writer had seen, then a counter for equal microseconds (Kulkarni et
 * al., Logical Physical Clocks, 2014). Only siblings are ever compared by it: a write that has seen
 * another wins whatever the clocks say.
 *
 * @param micros microseconds since 1970-01-01T00:00:00Z
 * @param logical tie-breaker within the microsecond
 */
public record HybridTime(long micros, int logical) implements Comparable<HybridTime> {
  public static final HybridTime ZERO = new HybridTime(0, 0);

  public static HybridTime of(Instant instant) {
    return new HybridTime(ChronoUnit.MICROS.between(Instant.EPOCH, instant), 0);
  }

  /** The smallest time that is neither before {@code physicalMicros} nor at or before this. */
  public HybridTime tick(long physicalMicros) {
    return physicalMicros > micros
        ? new HybridTime(physicalMicros, 0)
        : new HybridTime(micros, Math.addExact(logical, 1));
  }

  public HybridTime max(HybridTime other) {
    return compareTo(other) >= 0 ? this : other;
  }

  public Instant toInstant() {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  @Override
  public int compareTo(HybridTime other) {
    int byMicros = Long.compare(micros, other.micros);
    return byMicros != 0 ? byMicros : Integer.compare(logical, other.logical);
  }

  @Override
  public String toString() {
    return toInstant() + (logical == 0 ? "" : "+" + logical);
  }
}
