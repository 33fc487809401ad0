package io.spokewire.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Hub and agents under everything that can happen, by seed. {@code deploy/simulate.sh} runs more of
 * them, or one of them with all that happens in it.
 */
class SimulationTest {
  private static final long SEEDS = Long.getLong("spokewire.simulation.seeds", 1000);

  @BeforeAll
  static void silence() {
    Simulation.silenceLogs();
  }

  @Test
  void allHoldsUnderEverySeed() {
    Simulation simulation = Simulation.honest();
    for (long seed = 1; seed <= SEEDS; seed++) {
      simulation.run(seed, false);
    }
    System.out.println("simulation: " + simulation.tally());
    demandGood(simulation);
    Counts counts = simulation.counts();
    assertThat(counts.missed).as("conflicts missed").isZero();
    assertThat(counts.falselyAudited)
        .as("conflicts that were none, of %d", counts.audited)
        .isLessThanOrEqualTo(counts.audited / 500);
    assertThat(counts.overCautious)
        .as("conflicts with what a restored database had seen after all, of %d", counts.audited)
        .isLessThanOrEqualTo(counts.audited / 500);
    assertThat(counts.wentBack)
        .as("newer values overwritten by what they had seen, of %d", counts.overwritten)
        .isLessThanOrEqualTo(counts.overwritten / 200);
    demandVariety(counts);
  }

  /** A seed that draws nothing proves nothing. */
  private static void demandVariety(Counts counts) {
    assertThat(
            List.of(
                counts.conflicts,
                counts.overwritten,
                counts.lineage,
                counts.parked,
                counts.agentDeaths,
                counts.hubDeaths,
                counts.databaseCrashes,
                counts.trims,
                counts.coldRows,
                counts.joins,
                counts.removals))
        .allSatisfy(count -> assertThat(count).isGreaterThan(SEEDS / 20));
    assertThat(counts.comebacks).isGreaterThan(SEEDS / 20);
    assertThat(counts.keptOff).isGreaterThan(SEEDS);
    assertThat(counts.readers).isGreaterThan(SEEDS / 20);
    assertThat(counts.senders).isGreaterThan(SEEDS / 20);
    assertThat(counts.rulings).isGreaterThan(SEEDS / 2);
    assertThat(counts.secondKeys).isGreaterThan(SEEDS / 10);
    assertThat(counts.planChanges).isGreaterThan(SEEDS);
    assertThat(counts.restores).isGreaterThan(SEEDS / 20);
    assertThat(counts.rejoins).isGreaterThan(SEEDS / 20);
  }

  @Test
  void seedsThatOnceFailedHold() throws IOException {
    Simulation simulation = Simulation.honest();
    for (String line : regressions()) {
      String[] words = line.split("\\s+");
      long seed = Long.parseLong(words[0]);
      simulation.run(seed, Features.parse(words[1]), false);
    }
    demandGood(simulation);
  }

  @Test
  void aSeedAlwaysMeansTheSame() {
    for (long seed = 1; seed <= 10; seed++) {
      Simulation simulation = Simulation.honest();
      long first = simulation.run(seed, false).trace().digest();
      assertThat(simulation.run(seed, false).trace().digest()).as("seed %d", seed).isEqualTo(first);
    }
  }

  private static void demandGood(Simulation simulation) {
    assertThat(simulation.failed().stream().limit(3).map(Simulation.Run::report).toList())
        .as("%d seeds fail", simulation.failed().size())
        .isEmpty();
  }

  private static List<String> regressions() throws IOException {
    try (InputStream file = SimulationTest.class.getResourceAsStream("regressions.txt");
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8))) {
      return lines.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
    }
  }
}
