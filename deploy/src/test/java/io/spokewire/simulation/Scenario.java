package io.spokewire.simulation;

import io.spokewire.hub.fanout.SpokeCursor;
import io.spokewire.hub.pipeline.PipelineSettings;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What a seed draws before anything happens: how large the world is, how its users behave, how
 * little room its programs have, and how rough the weather is.
 *
 * @param filled whether all sites begin with the same rows, by the operator's word
 * @param affinity how often users keep to their own site's rows
 * @param roughMicros how long the faults go on
 * @param faultEveryMicros about how often one comes
 * @param databaseTrouble how often a call of the agent to its database fails
 * @param features what it has beyond the plain world
 */
record Scenario(
    int spokes,
    int rows,
    boolean filled,
    double affinity,
    double deletes,
    long thinkMicros,
    long roughMicros,
    long faultEveryMicros,
    double databaseTrouble,
    long latencyMicros,
    int largestPiece,
    long marksKept,
    int deletesRemembered,
    long tailBytes,
    PipelineSettings pipeline,
    Features features) {

  static Scenario draw(RandomGenerator random, Features features) {
    boolean hot = random.nextInt(3) > 0;
    int spokes = 2 + random.nextInt(3);
    boolean calm = random.nextInt(8) == 0;
    boolean cramped = random.nextInt(3) == 0;
    PipelineSettings normal = PipelineSettings.DEFAULT;
    PipelineSettings pipeline =
        new PipelineSettings(
            random.nextInt(3) == 0 ? 1 + random.nextInt(4) : normal.groupTransactions(),
            normal.groupBytes(),
            normal.maxSkew(),
            normal.hashesKept(),
            normal.lazily(),
            random.nextInt(3) == 0 ? 0 : normal.retainedBytes(),
            normal.maxAge(),
            random.nextInt(3) == 0
                ? new SpokeCursor.Window(1 + random.nextInt(8), 10_000)
                : normal.window(),
            cramped ? 2_000 : normal.windowBytes(),
            random.nextInt(3) == 0 ? 1 + random.nextInt(5) : normal.batchEntries(),
            normal.batchBytes());
    return new Scenario(
        spokes,
        hot ? 2 + random.nextInt(3) : 6 + random.nextInt(10),
        random.nextInt(3) == 0,
        hot ? 0 : 0.9,
        random.nextInt(3) == 0 ? 0 : 0.12,
        60_000 + random.nextLong(400_000),
        3_000_000 + random.nextLong(7_000_000),
        calm ? Long.MAX_VALUE / 4 : 150_000 + random.nextLong(900_000),
        calm || random.nextInt(3) == 0 ? 0 : 0.01,
        random.nextInt(4) == 0 ? 400_000 : 10_000,
        random.nextInt(4) == 0 ? 60 : 1 << 20,
        random.nextInt(4) == 0 ? 200 : 1 << 20,
        random.nextInt(8) == 0 ? 2 : 200_000,
        random.nextInt(3) == 0 ? 3_000 : 8 << 20,
        pipeline,
        features);
  }

  Duration rough() {
    return Duration.ofNanos(roughMicros * 1000);
  }
}
