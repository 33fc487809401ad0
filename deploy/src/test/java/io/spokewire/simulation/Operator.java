package io.spokewire.simulation;

import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * What operators do: plans, pauses, spokes that come and go, and asking whether all is everywhere.
 */
final class Operator {
  private final World world;
  private final Random random;
  private int barriers;

  Operator(World world) {
    this.world = world;
    this.random = new Random(world.random.nextLong());
  }

  /** The first plan; the sites are joining. */
  void begin() {
    applyPlan(world.scenario.filled());
  }

  private void applyPlan(boolean assumeIdentical) {
    SimulatedHub hub = world.hub();
    List<SpokeId> spokes = world.present().stream().map(Site::id).toList();
    String plan = Plans.draw(random, spokes, world.scenario.features());
    hub.enter(
        () ->
            hub.operators()
                .applyPlan(plan, assumeIdentical)
                .whenComplete((done, fault) -> planAnswered(fault)));
  }

  private void planAnswered(Throwable fault) {
    world.trace.note("operator", fault == null ? "a plan is in force" : "plan refused: " + fault);
    world.counts.planChanges += fault == null ? 1 : 0;
  }

  void changePlan() {
    if (world.hub().isAlive() && world.hasPlan()) {
      applyPlan(false);
    }
  }

  void pauseForAWhile(Site site) {
    SimulatedHub hub = world.hub();
    if (!hub.isAlive()) {
      return;
    }
    world.trace.note("operator", "pauses " + site.name());
    hub.enter(() -> hub.operators().pause(site.id()));
    world.schedule.after(random.nextLong(4_000_000), () -> resume(site));
  }

  void resume(Site site) {
    SimulatedHub hub = world.hub();
    if (hub.isAlive() && !site.isGone()) {
      hub.enter(() -> hub.operators().resume(site.id()));
    }
  }

  /** A spoke joins or leaves, if the log still reaches back to its beginning. */
  void growOrShrink() {
    if (world.scenario.filled() || !world.hub().isAlive() || !world.hasPlan()) {
      return;
    }
    List<Site> present = world.present();
    if (present.size() > 2 && random.nextInt(3) == 0) {
      Site site = present.get(random.nextInt(present.size()));
      if (site != world.away()) {
        remove(site);
      }
    } else if (present.size() < 5 && world.disk.log.trimmedThrough().number() == 0) {
      world.counts.joins++;
      add(world.newSite(Direction.BOTH));
    }
  }

  void add(Site site) {
    world.trace.note("operator", "adds " + site.name());
    world.disk.topology.add(site.id(), site.direction(), ChannelId.MAIN);
    site.join();
    site.start();
  }

  void remove(Site site) {
    SimulatedHub hub = world.hub();
    world.trace.note("operator", "removes " + site.name());
    world.counts.removals++;
    site.leave();
    hub.enter(() -> hub.operators().remove(site.id()));
    if (world.disk.topology.find(site.id()).isPresent() && !hub.isAlive()) {
      world.disk.topology.remove(site.id());
    }
  }

  BarrierId takeBarrier() {
    BarrierId barrier = new BarrierId(new UUID(7, ++barriers));
    world.hub().enter(() -> world.hub().operators().takeBarrier(barrier));
    return barrier;
  }

  /** Who has not everything yet. */
  List<String> lacking(BarrierId barrier) {
    return world.hub().operators().lacking(barrier);
  }
}
