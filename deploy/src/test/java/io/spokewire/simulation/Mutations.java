package io.spokewire.simulation;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.hub.stream.Intake;

/** Where a mutant gets between two parts; this one leaves all as it is. */
class Mutations {
  SimulatedSource source(SimulatedSource honest) {
    return honest;
  }

  Applier applier(Site site, SimulatedApplier honest) {
    return honest;
  }

  LinkListener listener(Site site, Desk honest) {
    return honest;
  }

  Intake intake(Intake honest) {
    return honest;
  }

  /** What position capture shows for a commit. */
  long shown(long number, long opening) {
    return number;
  }

  /** How many commits are read again when the log is opened. */
  int readAgain() {
    return 0;
  }

  /** Capture was given everything up to this commit. */
  void read(Site site, long number) {}

  /** The rough weather begins. */
  void begin(World world) {}

  /** Which commit of the site's log a position stands for. */
  long trueNumber(SourcePosition position) {
    return SimulatedSource.number(position);
  }
}
