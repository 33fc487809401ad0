package io.spokewire.agent.apply.table;

/**
 * What a failed statement means for the transaction that it was in.
 *
 * @param kind whether and how to go on
 * @param scope what was refused, if it was refused for good
 * @param sqlState as stored and shown; empty if there is none
 * @param message what the server said, in one line and without values of the row
 */
public record Refusal(Kind kind, Scope scope, String sqlState, String message) {
  /** Whether and how to go on. */
  public enum Kind {
    /** The same transaction may succeed in a moment. */
    FOR_NOW,
    /** The connection is gone; whether a commit happened is in the checkpoint. */
    CONNECTION,
    /** What we know of a table is out of date: look again. */
    STALE,
    /** The rows are refused for good. */
    FOR_GOOD
  }

  /** What was refused. */
  public enum Scope {
    /** The row as it is. */
    ROW,
    /** The row, because another one has its unique value. */
    TAKEN,
    /** Any row: the table's definition or our rights don't allow it. */
    TABLE
  }
}
