package io.spokewire.hub.stream;

import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.DeliveryBatch;

/**
 * One attached agent, seen from the pipeline. Sending to a session that has ended does nothing.
 * Never blocks. Safe from any thread, except {@link #deliver}: one thread.
 */
public interface Session {
  /** Whose certificate opened it. */
  SpokeId spoke();

  void welcome(Welcome welcome);

  /** The agent's transactions up to here, and its source log up to here, are durable. */
  void acknowledge(Sequence sequence, SourcePosition sourcePosition);

  /** Whether the connection takes more data now; when it does again, the intake is told. */
  boolean isReady();

  /** Sends data, whether ready or not. */
  void deliver(DeliveryBatch batch);

  void flow(FlowState state);

  void plan(PlanScope scope);

  /**
   * Asks what a plan would mean for the spoke's tables; answered by {@link Request.PlanChecked}.
   */
  void checkPlan(long id, PlanScope scope);

  /** Asks the agent to commit this barrier's mark in its database. */
  void askBarrier(BarrierId barrier);

  /** An upstream request of this many bytes needs no memory any more: more may come. */
  void consumed(int bytes);

  /** Says why, and ends the session. */
  void refuse(Refusal refusal);
}
