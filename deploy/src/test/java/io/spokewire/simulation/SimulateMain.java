package io.spokewire.simulation;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Runs many seeds, or one with everything that happens: see {@code deploy/simulate.sh}. */
public final class SimulateMain {
  private static final String USAGE =
      "usage: deploy/simulate.sh [--seeds N] [--from N] [--threads N] [--features none|F,..]"
          + " | --seed S [--features none|F,..]";

  private SimulateMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    Simulation.silenceLogs();
    List<String> args = List.of(arguments);
    if (args.contains("--seed")) {
      System.exit(one(value(args, "--seed", 0), args) ? 0 : 1);
    }
    if (args.size() % 2 == 1) {
      System.err.println(USAGE);
      System.exit(2);
    }
    long processors = Runtime.getRuntime().availableProcessors();
    boolean good =
        many(
            value(args, "--from", 1),
            value(args, "--seeds", 1000),
            (int) value(args, "--threads", processors),
            seed -> featuresOf(seed, args));
    System.exit(good ? 0 : 1);
  }

  private static long value(List<String> args, String name, long standard) {
    int at = args.indexOf(name);
    if (at < 0) {
      return standard;
    }
    try {
      return Long.parseLong(args.get(at + 1));
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      System.err.println(USAGE);
      System.exit(2);
      throw e;
    }
  }

  private static boolean one(long seed, List<String> args) {
    Features features = featuresOf(seed, args);
    Simulation simulation = Simulation.honest();
    Simulation.Run run = simulation.run(seed, features, true);
    System.out.println(run.describes());
    System.out.println(run.verdict().isGood() ? "seed " + seed + " holds" : run.report());
    System.out.println(simulation.tally());
    return run.verdict().isGood();
  }

  private static Features featuresOf(long seed, List<String> args) {
    int named = args.indexOf("--features") + 1;
    return named > 0 ? Features.parse(args.get(named)) : Features.of(seed);
  }

  private static String rate(long seeds, long since) {
    double seconds = (System.nanoTime() - since) / 1e9;
    return String.format(Locale.ROOT, "%.1f seeds/s; ", seeds / seconds);
  }

  private static boolean many(long from, long seeds, int threads, LongFunction<Features> features)
      throws InterruptedException {
    Simulation simulation = Simulation.honest();
    AtomicLong next = new AtomicLong(from);
    AtomicLong done = new AtomicLong();
    long step = Math.max(1, Math.min(1000, seeds / 10));
    long begin = System.nanoTime();
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        workers.execute(
            () -> {
              for (long seed; (seed = next.getAndIncrement()) < from + seeds; ) {
                Simulation.Run run = simulation.run(seed, features.apply(seed), false);
                if (!run.verdict().isGood()) {
                  System.out.println(run.report());
                }
                if (done.incrementAndGet() % step == 0) {
                  System.out.println(rate(done.get(), begin) + simulation.tally());
                }
              }
            });
      }
      workers.shutdown();
      while (!workers.awaitTermination(1, TimeUnit.HOURS)) {
        System.out.println(simulation.tally());
      }
    }
    System.out.println(rate(done.get(), begin) + simulation.tally());
    simulation.failed().forEach(run -> System.out.println(run.command()));
    return simulation.failed().isEmpty();
  }
}
