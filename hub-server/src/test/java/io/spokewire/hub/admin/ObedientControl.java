package io.spokewire.hub.admin;

import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.hub.topology.HubControl;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A hub that does what it is told at once; a test decides when it has converged. */
final class ObedientControl implements HubControl {
  final CountDownLatch converged = new CountDownLatch(1);
  final AtomicInteger barriersOpen = new AtomicInteger();

  /** What it was told of conflicts. */
  final List<String> rulings = new CopyOnWriteArrayList<>();

  final List<Amendment> told = new CopyOnWriteArrayList<>();

  private final Topology topology;

  ObedientControl(Topology topology) {
    this.topology = topology;
  }

  @Override
  public void pause(SpokeId spoke) {
    setPaused(spoke, true);
  }

  @Override
  public void resume(SpokeId spoke) {
    setPaused(spoke, false);
  }

  @Override
  public void rejoin(SpokeId spoke) {
    topology.update(spoke, s -> s.rejoined(s.epoch().next(), 7));
  }

  @Override
  public void remove(SpokeId spoke) {
    topology.remove(spoke);
  }

  @Override
  public List<String> checkPlan(String text) {
    return List.of("lisbon: nothing matches 'archive_*'");
  }

  @Override
  public PlanRecord applyPlan(String text, boolean assumeIdentical) {
    PlanVersion next = topology.plan().map(PlanRecord::version).orElse(PlanVersion.NONE).next();
    return topology.addPlan(new PlanRecord(next, text, 12, 1_700_000_000_000_000L));
  }

  @Override
  public void rule(Verdict verdict, List<Amendment> amendments, String by, String reason) {
    told.addAll(amendments);
    amendments.forEach(a -> rulings.add(verdict + " " + a.conflict() + " by " + by));
  }

  @Override
  public BarrierWait takeBarrier() {
    barriersOpen.incrementAndGet();
    return new BarrierWait() {
      @Override
      public boolean await(Duration timeout) throws InterruptedException {
        return converged.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
      }

      @Override
      public List<String> lacking() {
        return List.of("porto is offline");
      }

      @Override
      public void close() {
        barriersOpen.decrementAndGet();
      }
    };
  }

  private void setPaused(SpokeId spoke, boolean paused) {
    topology.update(
        spoke,
        s ->
            new Spoke(
                s.id(),
                s.direction(),
                s.channel(),
                s.engine(),
                s.epoch(),
                s.standing(),
                s.reason(),
                paused,
                s.startsAfter(),
                s.assumeIdentical(),
                s.session()));
  }
}
