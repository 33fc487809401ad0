package io.spokewire.deploy.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Row changes a second through the hub's resolver, on one thread, by what they meet. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-Xmx900m", "-Xmn600m"})
@State(Scope.Thread)
public class ResolverBenchmark {
  private static final int ROWS = 10_000;

  /** What the rows meet. */
  public enum Meets {
    NOTHING,
    RULES,
    RIVALS,
    CONSTRAINTS
  }

  @Param({"NOTHING", "RULES", "RIVALS", "CONSTRAINTS"})
  public Meets meets;

  @Param({"1", "10"})
  public int rowsPerTransaction;

  private ResolverStream stream;

  @Setup
  public void fillTheWindow() {
    stream =
        switch (meets) {
          case NOTHING -> ResolverStream.seen(rowsPerTransaction);
          case RULES -> ResolverStream.ruled(rowsPerTransaction);
          case RIVALS -> ResolverStream.conflicting(rowsPerTransaction);
          case CONSTRAINTS -> ResolverStream.constrained(rowsPerTransaction);
        };
    int conflicts = 0;
    for (int i = 0; i < stream.transactions(); i++) {
      conflicts += stream.next();
    }
    if (conflicts > 0 != (meets == Meets.RIVALS)) {
      throw new IllegalStateException(meets + ": " + conflicts + " conflicts");
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public int rowChanges() {
    int conflicts = 0;
    for (int i = 0; i < ROWS; i += rowsPerTransaction) {
      conflicts += stream.next();
    }
    return conflicts;
  }
}
