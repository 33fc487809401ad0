package io.spokewire.hub.pipeline;

import io.spokewire.common.config.Plan;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.hub.topology.HubControl;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What operators ask, handed to the sequencer, which is the only one to act. Each call waits until
 * it is in force. Safe from any thread.
 */
public final class HubDesk implements HubControl {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CHECK_PATIENCE = Duration.ofSeconds(15);
  private static final long LOOK_MILLIS = 10;

  private final Reception reception;
  private final Barriers barriers;
  private final Topology topology;
  private final Function<String, Plan> planReader;
  private final Supplier<UUID> ids;

  /**
   * @param planReader a plan's text to the plan; a fault if it can't be read
   * @param ids new names for barriers
   */
  public HubDesk(
      Reception reception,
      SequenceLoop loop,
      Topology topology,
      Function<String, Plan> planReader,
      Supplier<UUID> ids) {
    this.reception = reception;
    this.barriers = loop.barriers();
    this.topology = topology;
    this.planReader = planReader;
    this.ids = ids;
  }

  @Override
  public void pause(SpokeId spoke) {
    known(spoke);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Pause(spoke, answer));
    await("pause " + spoke, answer, PATIENCE);
  }

  @Override
  public void resume(SpokeId spoke) {
    known(spoke);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Resume(spoke, answer));
    await("resume " + spoke, answer, PATIENCE);
  }

  @Override
  public void remove(SpokeId spoke) {
    known(spoke);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Remove(spoke, answer));
    await("remove " + spoke, answer, PATIENCE);
  }

  @Override
  public void rejoin(SpokeId spoke) {
    known(spoke);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Rejoin(spoke, answer));
    await("rejoin " + spoke, answer, PATIENCE);
  }

  @Override
  public List<String> checkPlan(String text) {
    Plan plan = planReader.apply(text);
    PlanChecks.Answer answer = check(plan);
    List<String> lines = new ArrayList<>(RuleMisfits.of(plan, answer.reports()));
    lines.addAll(answer.lines());
    return lines;
  }

  private PlanChecks.Answer check(Plan plan) {
    CompletableFuture<PlanChecks.Answer> answer = new CompletableFuture<>();
    reception.take(new Command.CheckPlan(plan, answer));
    return await("check plan", answer, CHECK_PATIENCE);
  }

  @Override
  public PlanRecord applyPlan(String text, boolean assumeIdentical) {
    Plan plan = planReader.apply(text);
    PlanChecks.Answer check = check(plan);
    CompletableFuture<PlanRecord> answer = new CompletableFuture<>();
    reception.take(new Command.ApplyPlan(text, plan, check, assumeIdentical, answer));
    return await("apply plan", answer, PATIENCE);
  }

  @Override
  public void rule(Verdict verdict, List<Amendment> amendments, String by, String reason) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Rule(verdict, amendments, by, reason, answer));
    await("write what was decided", answer, PATIENCE);
  }

  @Override
  public BarrierWait takeBarrier() {
    BarrierId barrier = new BarrierId(ids.get());
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.TakeBarrier(barrier, answer));
    await("take barrier", answer, PATIENCE);
    return new Waiting(barrier);
  }

  private void known(SpokeId spoke) {
    if (topology.find(spoke).isEmpty()) {
      throw Fault.of(FaultKind.USAGE, "find spoke", "there is no spoke " + spoke)
          .hint("syncadm topology list")
          .build();
    }
  }

  private static <T> T await(String operation, CompletableFuture<T> answer, Duration patience) {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(false);
      throw Fault.of(
              FaultKind.INTERNAL, operation, "no answer within " + patience.toSeconds() + " s")
          .hint("look at the hub's log: can it write?")
          .healsByItself()
          .causedBy(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Fault fault) {
        throw fault;
      }
      throw Fault.of(FaultKind.INTERNAL, operation, String.valueOf(e.getCause())).causedBy(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Fault.of(FaultKind.INTERNAL, operation, "interrupted").causedBy(e);
    }
  }

  private final class Waiting implements BarrierWait {
    private final BarrierId barrier;

    private Waiting(BarrierId barrier) {
      this.barrier = barrier;
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
      long end = System.nanoTime() + timeout.toNanos();
      while (!lacking().isEmpty()) {
        if (System.nanoTime() - end >= 0) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return true;
    }

    @Override
    public List<String> lacking() {
      return barriers.lacking(barrier);
    }

    @Override
    public void close() {
      barriers.giveUp(barrier);
    }
  }
}
