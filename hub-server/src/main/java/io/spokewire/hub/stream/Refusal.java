package io.spokewire.hub.stream;

/**
 * Why the hub ends a session.
 *
 * @param code a fixed word that agents act on
 * @param reason for people
 * @param hint what to do; may be empty
 * @param retry whether connecting again can help
 */
public record Refusal(String code, String reason, String hint, boolean retry) {
  public static final String FENCED = "fenced";
  public static final String REMOVED = "removed";
  public static final String PROTOCOL = "protocol";
  public static final String IN_USE = "in_use";
  public static final String HUB_LOST_POSITIONS = "hub_lost_positions";
  public static final String MALFORMED = "malformed";
  public static final String GAP = "gap";
  public static final String SILENT = "silent";
  public static final String STOPPING = "stopping";
  public static final String REJOIN = "rejoin";

  /** What to do about two copies of an agent, or a stream that can't be continued. */
  public static final String START_ANEW =
      "stop all its agents, find out which one the database belongs to, and start the spoke anew:"
          + " remove-spoke, add-spoke, join";

  /** Ends for good, until somebody acts. */
  public static Refusal of(String code, String reason, String hint) {
    return new Refusal(code, reason, hint, false);
  }

  /** Ends for now. */
  public static Refusal passing(String code, String reason) {
    return new Refusal(code, reason, "", true);
  }
}
