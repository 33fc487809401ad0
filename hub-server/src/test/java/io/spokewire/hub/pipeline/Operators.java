package io.spokewire.hub.pipeline;

import io.spokewire.common.config.Plan;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What operators ask of a hub, without waiting for it: for whoever drives its loops himself. */
public final class Operators {
  private final Reception reception;
  private final Barriers barriers;
  private final Function<String, Plan> planReader;

  public Operators(Reception reception, SequenceLoop loop, Function<String, Plan> planReader) {
    this.reception = reception;
    this.barriers = loop.barriers();
    this.planReader = planReader;
  }

  public CompletableFuture<Void> pause(SpokeId spoke) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Pause(spoke, answer));
    return answer;
  }

  public CompletableFuture<Void> resume(SpokeId spoke) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Resume(spoke, answer));
    return answer;
  }

  public CompletableFuture<Void> rejoin(SpokeId spoke) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Rejoin(spoke, answer));
    return answer;
  }

  public CompletableFuture<Void> remove(SpokeId spoke) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Remove(spoke, answer));
    return answer;
  }

  /** Asks every spoke that is attached what it means there, then puts it in force. */
  public CompletableFuture<PlanRecord> applyPlan(String text, boolean assumeIdentical) {
    Plan plan = planReader.apply(text);
    CompletableFuture<PlanChecks.Answer> check = new CompletableFuture<>();
    reception.take(new Command.CheckPlan(plan, check));
    return check.thenCompose(
        answered -> {
          CompletableFuture<PlanRecord> answer = new CompletableFuture<>();
          reception.take(new Command.ApplyPlan(text, plan, answered, assumeIdentical, answer));
          return answer;
        });
  }

  /** A person's word on conflicts. */
  public CompletableFuture<Void> rule(
      Verdict verdict, List<Amendment> amendments, String by, String reason) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Rule(verdict, amendments, by, reason, answer));
    return answer;
  }

  public CompletableFuture<Void> takeBarrier(BarrierId barrier) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.TakeBarrier(barrier, answer));
    return answer;
  }

  /** Who has not everything yet that was committed before the barrier; empty when all have. */
  public List<String> lacking(BarrierId barrier) {
    return barriers.lacking(barrier);
  }
}
