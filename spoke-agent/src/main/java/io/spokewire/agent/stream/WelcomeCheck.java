package io.spokewire.agent.stream;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SpokeId;
import java.util.Optional;

/** Whether what the hub has can be continued with what we have. Pure. */
final class WelcomeCheck {
  private WelcomeCheck() {}

  /**
   * Empty if it fits; else why not. A hub whose log ends before what this database already holds
   * has lost positions, and going on would give their numbers to other changes.
   */
  static Optional<Fault> misfit(
      SpokeId spoke, Direction direction, Greeting greeting, Reception reception) {
    if (!reception.spoke().equals(spoke)) {
      return refuse(
          "the hub takes this agent for " + reception.spoke(),
          "this data directory belongs to another spoke: correct `spoke` in agent.yaml");
    }
    if (reception.direction() != direction) {
      return refuse(
          "the hub has this spoke as " + reception.direction().label(),
          "set `direction: " + reception.direction().label() + "` in agent.yaml");
    }
    if (reception.session() <= greeting.session()) {
      return refuse(
          "the hub gave session " + reception.session() + " after " + greeting.session(),
          "was the hub restored from a backup? it lost what came after");
    }
    if (greeting.checkpoint().isPresent()) {
      Position checkpoint = greeting.checkpoint().get();
      if (!checkpoint.isSameLogAs(reception.head())) {
        return refuse(
            "hub lost positions: this database is at "
                + checkpoint
                + " of log "
                + checkpoint.incarnation()
                + ", and the hub's log is "
                + reception.head().incarnation(),
            "was the hub made anew or restored? join again as a new spoke, or recover the hub");
      }
      if (checkpoint.isAfter(reception.head())) {
        return refuse(
            "hub lost positions "
                + (reception.head().number() + 1)
                + ".."
                + checkpoint.number()
                + ", which this database already holds",
            "was the hub restored from a backup? recover it before anything is written");
      }
    }
    return Optional.empty();
  }

  private static Optional<Fault> refuse(String reason, String hint) {
    return Optional.of(Fault.of(FaultKind.REFUSED, "attach to the hub", reason).hint(hint).build());
  }
}
