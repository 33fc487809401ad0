package io.spokewire.hub.pipeline;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.stream.Hello;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import org.jspecify.annotations.Nullable;

/**
 * Whether a spoke whose database went back in time can take part again, and from where. Each fault
 * says what to do instead.
 */
final class Rejoining {
  private static final String ANEW =
      "compare its tables with another site's, then start it anew: syncadm topology remove-spoke,"
          + " add-spoke, and join";

  private Rejoining() {}

  /**
   * @param spoke null if there is none
   * @param attached whether its agent is here
   */
  static void check(SpokeId id, @Nullable Spoke spoke, boolean attached) {
    if (spoke == null) {
      throw Fault.of(FaultKind.USAGE, "rejoin " + id, "there is no such spoke")
          .hint("syncadm topology list")
          .build();
    }
    if (spoke.standing() != Standing.NEEDS_RESYNC && spoke.standing() != Standing.EXPIRED) {
      throw Fault.of(FaultKind.NEGATIVE, "rejoin " + id, "it does not need a resync")
          .hint("syncadm topology show " + id + " says how it is")
          .build();
    }
    if (!spoke.direction().receives()) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "rejoin " + id,
              "it only pushes, so nobody can send it what it lost")
          .hint(ANEW)
          .build();
    }
    if (!attached) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "rejoin " + id,
              "its agent is not connected, so what its database holds is not known")
          .hint("start its agent, then ask again")
          .build();
    }
  }

  /** The position after which it is sent everything again. */
  static long after(Spoke spoke, Hello hello, ChannelState state, HubStore store) {
    Position checkpoint = hello.checkpoint();
    if (checkpoint == null) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "rejoin " + spoke.id(),
              "its database holds no checkpoint: it is older than the spoke's first apply")
          .hint(ANEW)
          .build();
    }
    long after = checkpoint.number();
    long trimmed = store.trimmedThrough().number();
    if (after < trimmed || state.neededFrom(after) < trimmed) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "rejoin " + spoke.id(),
              "its database holds position "
                  + after
                  + ", and the hub's log no longer reaches back that far: it begins at "
                  + trimmed)
          .hint(ANEW)
          .build();
    }
    long shown = state.desk(spoke).state().context().low().number();
    if (spoke.direction().sends() && shown < after) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "rejoin " + spoke.id(),
              "not all that its database held came to the hub before it went back: it holds"
                  + " position "
                  + after
                  + ", and its changes came up to "
                  + shown)
          .hint(ANEW)
          .build();
    }
    return after;
  }
}
