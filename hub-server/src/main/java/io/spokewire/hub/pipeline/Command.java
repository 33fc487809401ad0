package io.spokewire.hub.pipeline;

import io.spokewire.common.config.Plan;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What an operator asks of the sequencer. Each is answered through its future, in force by then.
 */
sealed interface Command {
  CompletableFuture<?> answer();

  record Pause(SpokeId spoke, CompletableFuture<Void> answer) implements Command {}

  record Resume(SpokeId spoke, CompletableFuture<Void> answer) implements Command {}

  record Remove(SpokeId spoke, CompletableFuture<Void> answer) implements Command {}

  /** A spoke that went back in time is to take part again. */
  record Rejoin(SpokeId spoke, CompletableFuture<Void> answer) implements Command {}

  /** Answered once every connected spoke has answered. */
  record CheckPlan(Plan plan, CompletableFuture<PlanChecks.Answer> answer) implements Command {}

  /**
   * @param check what the plan means for the spokes' tables, as of just now
   */
  record ApplyPlan(
      String text,
      Plan plan,
      PlanChecks.Answer check,
      boolean assumeIdentical,
      CompletableFuture<PlanRecord> answer)
      implements Command {}

  /** Answered at once; what becomes of the barrier is in {@link Barriers}. */
  record TakeBarrier(BarrierId barrier, CompletableFuture<Void> answer) implements Command {}

  /** A person's word on conflicts. */
  record Rule(
      Verdict verdict,
      List<Amendment> amendments,
      String by,
      String reason,
      CompletableFuture<Void> answer)
      implements Command {}
}
