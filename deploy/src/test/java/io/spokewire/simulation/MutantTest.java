package io.spokewire.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An oracle that sees no fault proves nothing: each mutant is caught by its own. */
class MutantTest {
  private static final int SEEDS = 120;

  @BeforeAll
  static void silence() {
    Simulation.silenceLogs();
  }

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void everyMutantIsCaught(Mutant mutant) {
    Simulation simulation = new Simulation(mutant.mutations());
    for (long seed = 1; seed <= SEEDS && !mutant.isCaughtBy(simulation); seed++) {
      simulation.run(seed, mutant.features(), false);
    }
    assertThat(mutant.isCaughtBy(simulation)).as("%s: %s", mutant, simulation.tally()).isTrue();
  }
}
