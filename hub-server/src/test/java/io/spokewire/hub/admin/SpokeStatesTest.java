package io.spokewire.hub.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import io.spokewire.hub.topology.SpokeBoard.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SpokeStatesTest {
  private static final long SECOND = 1_000_000;
  private static final Reading WELL = reading(true, 0, 0);
  private static final Reading GONE = reading(false, 0, 0);
  private static final Reading WORST = reading(false, 1_000 * SECOND, 5);

  private final SpokeStates states = SpokeStates.DEFAULT;

  @Test
  void aLiveSpokeIsWhatItsSessionShows() {
    assertThat(state(Standing.LIVE, false, WELL)).isEqualTo("live");
    assertThat(state(Standing.LIVE, false, GONE)).isEqualTo("offline");
    assertThat(state(Standing.LIVE, false, reading(true, 0, 1))).isEqualTo("parked");
    assertThat(state(Standing.LIVE, false, reading(true, 61 * SECOND, 0))).isEqualTo("lagging");
    assertThat(state(Standing.LIVE, false, reading(true, 60 * SECOND, 0))).isEqualTo("live");
  }

  @Test
  void whatMustBeDecidedHidesEverythingElse() {
    assertThat(state(Standing.FENCED, true, WORST)).isEqualTo("fenced");
    assertThat(state(Standing.NEEDS_RESYNC, true, WORST)).isEqualTo("needs_resync");
  }

  @Test
  void aPauseHidesJoiningOfflineParkedAndLagging() {
    assertThat(state(Standing.JOINING, true, WORST)).isEqualTo("paused");
    assertThat(state(Standing.LIVE, true, WORST)).isEqualTo("paused");
  }

  @Test
  void aJoiningSpokeIsJoiningWhetherConnectedOrNot() {
    assertThat(state(Standing.JOINING, false, GONE)).isEqualTo("joining");
    assertThat(state(Standing.JOINING, false, reading(true, 1_000 * SECOND, 3)))
        .isEqualTo("joining");
  }

  @Test
  void offlineHidesParkedAndParkedHidesLagging() {
    assertThat(state(Standing.LIVE, false, WORST)).isEqualTo("offline");
    assertThat(state(Standing.LIVE, false, reading(true, 1_000 * SECOND, 1))).isEqualTo("parked");
  }

  @Test
  void theReasonSaysWhatTheStateMeansHere() {
    assertThat(states.reason(spoke(Standing.LIVE, false, "postgresql", ""), WELL)).isEmpty();
    assertThat(states.reason(spoke(Standing.JOINING, false, "", ""), GONE))
        .isEqualTo("its agent has not joined yet");
    assertThat(states.reason(spoke(Standing.JOINING, false, "postgresql", "orders has rows"), WELL))
        .isEqualTo("orders has rows");
    assertThat(states.reason(spoke(Standing.LIVE, false, "mysql", ""), reading(true, 0, 2)))
        .isEqualTo("2 rows are set aside");
    assertThat(
            states.reason(spoke(Standing.LIVE, false, "mysql", ""), reading(true, 90 * SECOND, 0)))
        .isEqualTo("behind by 90 s");
  }

  private String state(Standing standing, boolean paused, Reading reading) {
    return states.of(spoke(standing, paused, "postgresql", "why"), reading).label();
  }

  private static Spoke spoke(Standing standing, boolean paused, String engine, String reason) {
    return new Spoke(
        new SpokeId("lisbon"),
        Direction.BOTH,
        ChannelId.MAIN,
        engine,
        Epoch.FIRST,
        standing,
        reason,
        paused,
        0,
        false,
        1);
  }

  private static Reading reading(boolean connected, long lagMicros, long parked) {
    return new Reading(
        connected, 0, 0, 0, lagMicros, parked, 0, "", "", 0, "", "", List.of(), List.of());
  }
}
