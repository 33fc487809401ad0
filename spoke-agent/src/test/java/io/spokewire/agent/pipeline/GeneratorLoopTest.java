package io.spokewire.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When generators are looked after. */
class GeneratorLoopTest {
  private long applied;
  private long nanos = -5;
  private int looks;
  private boolean broken;
  private final GeneratorLoop loop =
      new GeneratorLoop(
          () -> {
            looks++;
            if (broken) {
              throw Fault.of(FaultKind.REFUSED, "move sequences on", "no").build();
            }
          },
          () -> applied,
          new TimeSource() {
            @Override
            public long epochMicros() {
              return 0;
            }

            @Override
            public long nanos() {
              return nanos;
            }
          });

  @Test
  void theDatabaseIsLeftInPeaceWhileNothingIsApplied() {
    assertThat(looksAfterAStep()).as("at start").isEqualTo(1);
    assertThat(looksAfterAStep()).isEqualTo(1);
    applied = 7;
    assertThat(looksAfterAStep()).isEqualTo(2);
    assertThat(looksAfterAStep()).isEqualTo(2);
    nanos += Duration.ofMinutes(1).toNanos();
    assertThat(looksAfterAStep()).as("anyway").isEqualTo(3);
    assertThat(looksAfterAStep()).isEqualTo(3);
  }

  @Test
  void whatFailedIsTriedAgain() {
    broken = true;
    assertThat(looksAfterAStep()).isEqualTo(1);
    assertThat(looksAfterAStep()).isEqualTo(2);
    broken = false;
    assertThat(looksAfterAStep()).isEqualTo(3);
    assertThat(looksAfterAStep()).isEqualTo(3);
  }

  private int looksAfterAStep() {
    loop.doWork();
    return looks;
  }
}
