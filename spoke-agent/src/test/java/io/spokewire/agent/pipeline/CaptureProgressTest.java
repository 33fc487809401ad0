package io.spokewire.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.clock.Context;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CaptureProgressTest {
  private static final Position ZERO =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);

  private final CaptureProgress progress = new CaptureProgress();

  @Test
  void nothingIsSaidOfAMarkerThatCaptureHasNotMet() {
    assertThat(progress.through(ZERO.at(1))).isEmpty();
    progress.begin(Context.through(ZERO.at(4)), new Sequence(7));
    assertThat(progress.through(ZERO.at(5))).isEmpty();
    assertThat(progress.through(ZERO.at(4))).contains(new Sequence(7));
  }

  @Test
  void whatWasCommittedBeforeTheMarkerHasItsNumberByThen() {
    progress.begin(Context.through(ZERO), Sequence.NONE);
    progress.took(new Sequence(1));
    progress.met(Context.through(ZERO.at(3)));
    progress.took(new Sequence(2));
    assertThat(progress.through(ZERO.at(3)))
        .hasValueSatisfying(last -> assertThat(last.number()).isGreaterThanOrEqualTo(1));
  }
}
