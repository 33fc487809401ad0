package io.spokewire.agent.capture.polling;

import static io.spokewire.agent.capture.polling.GrowingColumn.Kind.INSTANT;
import static io.spokewire.agent.capture.polling.GrowingColumn.Kind.WALL_CLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LookBoundsTest {
  private static final Duration OVERLAP = Duration.ofMinutes(10);
  private static final Instant LAST = Instant.parse("2026-10-25T01:05:00Z");

  private static LookBounds in(String zone) {
    return new LookBounds(OVERLAP, Optional.of(zone).filter(z -> !z.isEmpty()).map(ZoneId::of));
  }

  @Test
  void goesBackByTheOverlapWhereValuesArePointsInTime() {
    LocalDateTime from = LocalDateTime.parse("2026-10-25T00:55:00");
    for (String zone : new String[] {"", "UTC", "Europe/Lisbon"}) {
      assertThat(in(zone).from(INSTANT, LAST)).isEqualTo(from);
    }
  }

  @Test
  void goesBackByTheOverlapInAZoneWhoseClocksAreNeverPutBack() {
    assertThat(in("UTC").from(WALL_CLOCK, LAST)).isEqualTo("2026-10-25T00:55:00");
    assertThat(in("+05:30").from(WALL_CLOCK, LAST)).isEqualTo("2026-10-25T06:25:00");
  }

  /** At 01:00 UTC on this day clocks in Lisbon go from 02:00 back to 01:00. */
  @Test
  void missesNothingWhileClocksArePutBack() {
    ZoneId lisbon = ZoneId.of("Europe/Lisbon");
    for (int minute = 0; minute < 300; minute++) {
      Instant last = Instant.parse("2026-10-24T23:00:00Z").plus(Duration.ofMinutes(minute));
      LocalDateTime from = in("Europe/Lisbon").from(WALL_CLOCK, last);
      for (int ahead = -10; ahead <= 180; ahead++) {
        Instant written = last.plus(Duration.ofMinutes(ahead));
        assertThat(LocalDateTime.ofInstant(written, lisbon))
            .as("written at %s, looked at %s", written, last)
            .isAfterOrEqualTo(from);
      }
    }
  }

  @Test
  void missesNothingWhateverTheZoneWhereNobodyKnowsIt() {
    LocalDateTime from = in("").from(WALL_CLOCK, LAST);
    for (String zone : ZoneId.getAvailableZoneIds()) {
      assertThat(LocalDateTime.ofInstant(LAST.minus(OVERLAP), ZoneId.of(zone)))
          .as(zone)
          .isAfterOrEqualTo(from);
    }
  }
}
