package io.spokewire.agent.apply;

import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.List;
import java.util.Optional;

/**
 * Writes what the hub decided into one database.
 *
 * <p>Contract: {@link #apply} commits marker, rows and checkpoint together or nothing. When its
 * outcome is unknown (the connection broke during commit) it throws a fault that heals by itself;
 * the caller asks {@link #checkpoint()} again, which is the only truth, and goes on after it.
 * Transient refusals (deadlock, lock timeout, serialization) are retried inside.
 *
 * <p>A row that the database refuses for good is parked with its later changes, never dropped, and
 * reported in the result; other rows go on. So is a row that should exist and does not, unless
 * {@link PendingDeletes} explains it.
 *
 * <p>Threading: one thread.
 */
public interface Applier extends AutoCloseable {
  /** The last position that is durably applied; empty before the first apply. */
  Optional<Position> checkpoint();

  /** Applies the batch in one database transaction and returns when it is durable. */
  ApplyResult apply(ApplyBatch batch);

  /**
   * Tries parked rows again if it is time to, and closes those that {@link PendingDeletes} now
   * explains. Cheap when there is nothing to do; to be called by the apply loop when it is idle.
   *
   * <p>Rows that are applied now commit under a marker that names the checkpoint's own position
   * once more and a shorter list of unseen rows.
   *
   * <p>Values that are kept off are written once nothing can be pending behind them: the answers to
   * the site's own last transactions may have come with the last batch, and no other follow.
   *
   * @param answered the last own transaction of which this is known: its outcome, and those of all
   *     before it, are applied
   * @return how many rows are set aside in this database now
   */
  long retryParked(Sequence answered);

  /**
   * The lowest {@code acknowledged} of the missing rows that are not decided yet: deletes after it
   * must be remembered. Empty if there are none.
   */
  Optional<Sequence> oldestSuspect();

  /**
   * Rows set aside because they break a constraint, the oldest first and not more than a few
   * hundred: the hub may mend those that are a merge. None where the database can't tell.
   */
  default List<RefusedRow> refused() {
    return List.of();
  }

  /** How many of the hub's values are kept off by pending writes of the site now. */
  default long kept() {
    return 0;
  }

  @Override
  void close();

  /**
   * @param checkpoint the batch's last position, now durable
   * @param rows how many row changes were in the batch
   * @param parked how many rows are set aside in this database now
   */
  record ApplyResult(Position checkpoint, long rows, long parked) {}
}
