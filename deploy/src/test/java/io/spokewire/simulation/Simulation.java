package io.spokewire.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Runs worlds, one per seed, and keeps count. */
final class Simulation {
  private final Supplier<Mutations> mutations;
  private final Counts counts = new Counts();
  private final List<Run> failed = new ArrayList<>();
  private long runs;

  /** What came of one seed. */
  record Run(
      long seed, Features features, Counts counts, Verdict verdict, Trace trace, String describes) {
    /** What repeats it. */
    String command() {
      String drawn = features.equals(Features.of(seed)) ? "" : " --features " + features;
      return "deploy/simulate.sh --seed " + seed + drawn;
    }

    /** For whoever has to find out why. */
    String report() {
      StringBuilder text = new StringBuilder("seed " + seed + " fails; to repeat it:\n");
      text.append("  ").append(command()).append('\n');
      verdict
          .violations()
          .forEach(
              (kind, what) ->
                  what.forEach(
                      w -> text.append("  ").append(kind).append(": ").append(w).append('\n')));
      text.append("the last things that happened:\n");
      trace.last().forEach(line -> text.append("  ").append(line).append('\n'));
      return text.toString();
    }
  }

  /**
   * @param mutations made anew for each run
   */
  Simulation(Supplier<Mutations> mutations) {
    this.mutations = mutations;
  }

  /** A simulation of what we ship. */
  static Simulation honest() {
    return new Simulation(Mutations::new);
  }

  /** The programs' own logs would drown everything. */
  static void silenceLogs() {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
  }

  /** A seed with the features that it draws. */
  Run run(long seed, boolean printed) {
    return run(seed, Features.of(seed), printed);
  }

  Run run(long seed, Features features, boolean printed) {
    World world = new World(seed, features, mutations.get(), printed);
    try {
      world.run();
    } catch (RuntimeException | AssertionError e) {
      world.verdict.violation("broken", e + " at " + List.of(e.getStackTrace()).subList(0, 4));
    }
    world.network.close();
    world.schedule.clear(); // what is kept of a failed run must not keep its world
    Run run =
        new Run(
            seed, features, world.counts, world.verdict, world.trace, world.scenario.toString());
    add(run);
    return run;
  }

  private synchronized void add(Run run) {
    runs++;
    counts.add(run.counts());
    if (!run.verdict().isGood()) {
      failed.add(run);
    }
  }

  Counts counts() {
    return counts;
  }

  List<Run> failed() {
    return failed;
  }

  /** All in one line. */
  synchronized String tally() {
    return "%d seeds, %d failed; %s".formatted(runs, failed.size(), counts);
  }
}
