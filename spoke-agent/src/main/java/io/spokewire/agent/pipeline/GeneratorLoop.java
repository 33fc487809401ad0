package io.spokewire.agent.pipeline;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.lifecycle.WorkLoop;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the site's generators of numbers from falling behind what is applied: looks after something
 * was, and now and then for what nobody told us. Own thread.
 */
public final class GeneratorLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(GeneratorLoop.class);

  private static final long ANYWAY_NANOS = Duration.ofMinutes(1).toNanos();

  private final LocalGenerators generators;
  private final LongSupplier applied;
  private final TimeSource time;
  private String said = "";
  private boolean followed;
  private long followedApplied;
  private long followedNanos;

  /**
   * @param applied another number after something was applied
   */
  public GeneratorLoop(LocalGenerators generators, LongSupplier applied, TimeSource time) {
    this.generators = generators;
    this.applied = applied;
    this.time = time;
  }

  @Override
  public String name() {
    return "generators";
  }

  /** At most one look; the driver's idle pause is the interval. What fails is tried again. */
  @Override
  public int doWork() {
    long through = applied.getAsLong();
    long now = time.nanos();
    if (followed && through == followedApplied && now - followedNanos < ANYWAY_NANOS) {
      return 0;
    }
    followed = false;
    try {
      generators.follow();
      said = "";
      followed = true;
      followedApplied = through;
      followedNanos = now;
    } catch (Fault fault) {
      String line = String.valueOf(fault.getMessage());
      if (!line.equals(said)) {
        said = line;
        LOG.warn("{}; trying again", said);
      }
    }
    return 0;
  }
}
