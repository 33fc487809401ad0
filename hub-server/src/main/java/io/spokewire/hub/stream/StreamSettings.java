package io.spokewire.hub.stream;

import java.time.Duration;

/**
 * Limits of a session with an agent.
 *
 * @param frameBytes the largest frame payload either side may send; below gRPC's own limit of 4 MB
 * @param largestBatch the most bytes one batch may have before compression
 * @param upstreamBytes how much of one agent's data may wait for the sequencer before the hub stops
 *     reading from it; more than an agent sends without an acknowledgement (16 MB and a batch), so
 *     that what is not data is heard even while nothing is taken in
 * @param heartbeat how often to say that we are alive
 * @param silence after how long without a word an agent counts as gone
 */
public record StreamSettings(
    int frameBytes, int largestBatch, long upstreamBytes, Duration heartbeat, Duration silence) {
  public static final StreamSettings DEFAULT =
      new StreamSettings(
          1 << 20, 128 << 20, 20L << 20, Duration.ofSeconds(5), Duration.ofSeconds(20));
}
