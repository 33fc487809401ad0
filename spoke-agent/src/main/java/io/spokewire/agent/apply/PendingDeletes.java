package io.spokewire.agent.apply;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.TableName;

/**
 * What capture knows of the site's own deletes that the hub's changes had not taken into account:
 * why a row that the hub changes may be missing here. The pipeline implements it, because it sees
 * capture and apply.
 *
 * <p>Contract for the implementation: remember every captured local change that made a key
 * disappear (a delete, the old key of a key change, a truncate for all keys of its table) with its
 * own sequence, until a batch whose {@code acknowledged} is at or after that sequence was applied
 * and {@link Applier#oldestSuspect()} is not before it. Answer without waiting. May be called from
 * the apply thread while capture goes on.
 */
public interface PendingDeletes {
  /**
   * Whether a local delete explains that the row is missing.
   *
   * @param acknowledged the last own transaction that the change had taken into account: deletes at
   *     or before it do not count
   * @param seenMissingAt the last position of the marker of the transaction that found the row
   *     missing. Once capture has met that marker (or any later one) it has met every delete that
   *     can be the reason, since the delete was committed before
   */
  Verdict judge(TableName table, RowKey key, Sequence acknowledged, Position seenMissingAt);

  /** For a spoke whose own changes are not captured: nobody but us may change its tables. */
  PendingDeletes NONE = (table, key, acknowledged, seenMissingAt) -> Verdict.UNEXPLAINED;

  /** An answer. */
  enum Verdict {
    /** A local delete on its way to the hub explains it: the change has nothing to change. */
    EXPLAINED,
    /** Capture is not far enough to tell: ask again. */
    UNDECIDED,
    /** Capture is past the point and there was no such delete: the row is missing by drift. */
    UNEXPLAINED
  }
}
