package io.spokewire.deploy.bench;

import io.spokewire.hub.resolve.Resolver;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the hub's resolver takes: memory of a row in its window, then {@link ResolverBenchmark} with
 * JMH's own options.
 */
public final class ResolverBench {
  private static final int ROWS = 200_000;

  private ResolverBench() {}

  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    System.out.println("window memory per row of ten columns, bytes: on the heap / as accounted");
    for (int rows : new int[] {1, 10}) {
      measure(rows + " a transaction, inserted", ResolverStream.filling(rows, ROWS));
      measure(rows + " a transaction, updated", ResolverStream.updating(rows, ROWS));
    }
    new Runner(
            new OptionsBuilder()
                .parent(new CommandLineOptions(args))
                .include(ResolverBenchmark.class.getSimpleName())
                .build())
        .run();
  }

  private static void measure(String what, ResolverStream stream) {
    long before = used();
    for (int i = 0; i < stream.transactions(); i++) {
      stream.next();
    }
    long after = used();
    Resolver.WindowSize size = stream.window();
    System.out.printf(
        "  %-28s %5d / %d%n", what, (after - before) / size.rows(), size.bytes() / size.rows());
  }

  /** The heap in use after a collection. */
  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
