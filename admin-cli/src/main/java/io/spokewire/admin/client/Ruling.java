package io.spokewire.admin.client;

/**
 * What became of one conflict that a person ruled on.
 *
 * @param key a JSON object
 * @param field {@code #} for the row's existence
 * @param value what it holds from now on
 * @param written whether that was written; if not, it held it before
 */
public record Ruling(
    long id, String table, String key, String field, Conflict.Value value, boolean written) {

  /** What a conflict shall come to. */
  public sealed interface Choice {
    /**
     * @param text a value of the field; of a row, a JSON object of columns to change in it
     */
    record Value(String text) implements Choice {}

    /** NULL, or no row. */
    record Null() implements Choice {}

    /** What the arriving write said, or the one that it met. */
    record Side(boolean source) implements Choice {}

    /** What it is now. */
    record Keep() implements Choice {}
  }
}
