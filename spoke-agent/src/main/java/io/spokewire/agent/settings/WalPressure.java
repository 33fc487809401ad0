package io.spokewire.agent.settings;

/**
 * What to do when the hub is away and the source keeps more and more of its log for us.
 *
 * @param spillAfter retained bytes after which the policy acts
 */
public record WalPressure(Policy policy, long spillAfter) {
  public static final WalPressure DEFAULT = new WalPressure(Policy.SPILL_LOCAL, 1L << 30);

  /** The user's choice. */
  public enum Policy {
    /** The synced outbox vouches for it: the source may forget what the outbox holds. */
    SPILL_LOCAL,
    /** The source keeps everything until the hub has it, whatever that costs its disk. */
    HOLD,
    /** The source is freed and the spoke needs a resync. */
    GIVE_UP
  }
}
