package io.spokewire.hub.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockEstimateTest {
  private final ClockEstimate estimate = new ClockEstimate();

  @Test
  void theFastestOfTheLastBeatsCounts() {
    long ahead = 3_000_000;
    long last = 0;
    for (int beat = 0; beat < 10; beat++) {
      long sent = beat * 1_000_000L;
      long underWay = beat == 4 ? 2_000 : 700_000; // a slow network, but for one moment
      last = estimate.offsetMicros(sent + ahead, sent + underWay);
    }
    assertThat(last).isEqualTo(ahead - 2_000);
  }

  @Test
  void aClockThatWasSetRightIsSeenToBe() {
    for (int beat = 0; beat < 10; beat++) {
      estimate.offsetMicros(5_000_000, 0);
    }
    long last = 0;
    for (int beat = 0; beat < 10; beat++) {
      last = estimate.offsetMicros(0, 1_000);
    }
    assertThat(last).isEqualTo(-1_000);
  }
}
