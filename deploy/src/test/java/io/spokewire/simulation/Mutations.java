package io.spokewire.simulation;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.pipeline.SequenceLoop;
import io.spokewire.hub.stream.Intake;
import java.util.List;

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

  /** What a marker says that the database has not seen. */
  List<Context.Unseen> unseen(List<Context.Unseen> honest) {
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

  /** A hub begins to work. */
  void hub(SequenceLoop loop) {}

  /** Its log has one more outcome. */
  void logged(World world, LogEntry.Outcome outcome) {}

  /** The rough weather begins. */
  void begin(World world) {}

  /** Which commit of the site's log a position stands for. */
  long trueNumber(SourcePosition position) {
    return SimulatedSource.number(position);
  }
}
