package io.spokewire.agent.schema;

/**
 * Something about a table, or about a pattern of the plan, that its owner should know.
 *
 * @param severity what it means
 * @param place the table or pattern
 * @param reason what is the case, in plain words
 * @param hint what to do about it; SQL where SQL does it
 */
public record TableProblem(Severity severity, String place, String reason, String hint) {

  /** What a problem means for the table. */
  public enum Severity {
    /** The table does not flow at this spoke. */
    REFUSED,
    /** The table flows, with the limits that the reason names. */
    LIMITED,
    /** Nothing is refused; it may be a mistake. */
    WARNING
  }

  @Override
  public String toString() {
    return place + ": " + reason + (hint.isEmpty() ? "" : " (" + hint + ")");
  }
}
