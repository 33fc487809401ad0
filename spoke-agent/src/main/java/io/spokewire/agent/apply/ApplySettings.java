package io.spokewire.agent.apply;

import java.time.Duration;

/**
 * How an applier works; engine-neutral.
 *
 * @param statementRows most rows in one statement. Below 1,000 throughput falls, above 2,000
 *     nothing is gained
 * @param planRows how many changes are planned together at most; bounds memory within one batch
 * @param planBytes likewise, in bytes of rows
 * @param attempts how often a transaction is tried when the database refuses it for now
 * @param firstPause the pause after the first such refusal; doubled each time, and jittered
 * @param longestPause its upper bound
 * @param retryEvery how often parked rows are tried again
 * @param decideEvery how often it is asked whether a missing row is explained by now
 */
public record ApplySettings(
    int statementRows,
    int planRows,
    long planBytes,
    int attempts,
    Duration firstPause,
    Duration longestPause,
    Duration retryEvery,
    Duration decideEvery) {
  public static final ApplySettings DEFAULTS =
      new ApplySettings(
          1_000,
          20_000,
          16L << 20,
          8,
          Duration.ofMillis(20),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofMillis(100));

  public ApplySettings {
    if (statementRows < 1 || planRows < 1 || planBytes < 1 || attempts < 1) {
      throw new IllegalArgumentException("a size below 1 in the settings of apply");
    }
  }

  public ApplySettings withRetryEvery(Duration retry, Duration decide) {
    return new ApplySettings(
        statementRows, planRows, planBytes, attempts, firstPause, longestPause, retry, decide);
  }

  public ApplySettings withStatementRows(int rows) {
    return new ApplySettings(
        rows, planRows, planBytes, attempts, firstPause, longestPause, retryEvery, decideEvery);
  }
}
