package io.spokewire.hub.pipeline;

import io.spokewire.hub.fanout.SpokeCursor;
import java.time.Duration;

/**
 * Limits of the hub's loops.
 *
 * @param groupTransactions how many transactions one synced batch holds at most
 * @param groupBytes how many bytes of rows it holds at most; one transaction may go beyond
 * @param maxSkew how far ahead of the hub's clock a transaction's time may be; more is cut off
 * @param hashesKept how many of each writer's last hashes are kept to recognise what comes again
 * @param lazily how long applied positions and idle contexts may wait for the next batch
 * @param retainedBytes how large the log may grow before what nobody needs is trimmed
 * @param maxAge how long the log waits for a spoke that lacks changes
 * @param window how much of the log may be in flight to one spoke
 * @param windowBytes how much memory the rows that can still be in conflict may take
 * @param batchEntries how many entries one message to a spoke holds at most
 * @param batchBytes how many bytes of rows it holds at most; one entry may go beyond
 */
public record PipelineSettings(
    int groupTransactions,
    long groupBytes,
    Duration maxSkew,
    int hashesKept,
    Duration lazily,
    long retainedBytes,
    Duration maxAge,
    SpokeCursor.Window window,
    long windowBytes,
    int batchEntries,
    long batchBytes) {
  public static final PipelineSettings DEFAULT =
      new PipelineSettings(
          4096,
          4L << 20,
          Duration.ofMillis(500),
          8192,
          Duration.ofMillis(200),
          1L << 30,
          Duration.ofDays(7),
          new SpokeCursor.Window(50_000, 16L << 20),
          128L << 20,
          4096,
          1L << 20);
}
