package io.spokewire.hub.topology;

import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SpokeId;

/**
 * A member of the topology as it is persisted.
 *
 * @param engine {@code postgresql}, {@code mysql}, {@code mariadb}; empty until it joined
 * @param standing whether it takes part
 * @param reason why it does not, for people; empty when live
 * @param startsAfter log position number after which a spoke without a checkpoint begins
 * @param assumeIdentical the operator's word at join that its data equals the others'
 * @param session the last session number handed out; a copy of an agent shows an older one
 */
public record Spoke(
    SpokeId id,
    Direction direction,
    ChannelId channel,
    String engine,
    Epoch epoch,
    Standing standing,
    String reason,
    boolean paused,
    long startsAfter,
    boolean assumeIdentical,
    long session) {

  public Spoke withStanding(Standing newStanding, String newReason) {
    return new Spoke(
        id,
        direction,
        channel,
        engine,
        epoch,
        newStanding,
        newReason,
        paused,
        startsAfter,
        assumeIdentical,
        session);
  }

  /**
   * Live from a position on.
   *
   * @param assumed whether that its data equals the others' is only the operator's word
   */
  public Spoke live(long newStartsAfter, boolean assumed) {
    return new Spoke(
        id,
        direction,
        channel,
        engine,
        epoch,
        Standing.LIVE,
        "",
        paused,
        newStartsAfter,
        assumed,
        session);
  }

  /** Live again after its database went back in time: under a new epoch, from a position on. */
  public Spoke rejoined(Epoch newEpoch, long newStartsAfter) {
    return withEpoch(newEpoch).live(newStartsAfter, assumeIdentical);
  }

  public Spoke withPaused(boolean nowPaused) {
    return new Spoke(
        id,
        direction,
        channel,
        engine,
        epoch,
        standing,
        reason,
        nowPaused,
        startsAfter,
        assumeIdentical,
        session);
  }

  public Spoke withSession(long number) {
    return new Spoke(
        id,
        direction,
        channel,
        engine,
        epoch,
        standing,
        reason,
        paused,
        startsAfter,
        assumeIdentical,
        number);
  }

  public Spoke withEpoch(Epoch newEpoch) {
    return new Spoke(
        id,
        direction,
        channel,
        engine,
        newEpoch,
        standing,
        reason,
        paused,
        startsAfter,
        assumeIdentical,
        session);
  }

  public Spoke withAssumeIdentical(boolean assumed) {
    return new Spoke(
        id,
        direction,
        channel,
        engine,
        epoch,
        standing,
        reason,
        paused,
        startsAfter,
        assumed,
        session);
  }

  /** The persisted part of a spoke's state; offline, lagging and parked are observed, not kept. */
  public enum Standing {
    /** Registered; its agent has not joined yet, or its data is not known to equal the others'. */
    JOINING,
    LIVE,
    /** A second copy of its agent showed up: neither may go on. */
    FENCED,
    /** Its database went back in time or lost its log: somebody must decide. */
    NEEDS_RESYNC,
    /**
     * It was away longer than the log waits for anybody: it needs a resync too, and nothing is kept
     * for it any more.
     */
    EXPIRED
  }
}
