package io.spokewire.simulation;

import io.spokewire.common.id.SourcePosition;

/** Capture reads some commits again each time it opens the log, and nobody knows them again. */
final class ForgetfulMutations extends Mutations {
  private static final long LIFE = 1_000_000;

  @Override
  long shown(long number, long opening) {
    return opening * LIFE + number;
  }

  @Override
  int readAgain() {
    return 3;
  }

  @Override
  long trueNumber(SourcePosition position) {
    return SimulatedSource.number(position) % LIFE;
  }
}
