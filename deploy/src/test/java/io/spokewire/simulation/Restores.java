package io.spokewire.simulation;

import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import java.util.List;
import java.util.Random;

/**
 * Backups of databases that are put back later, some twice, and the operator's part in it: each
 * database that is found to have gone back rejoins, or leaves if the hub's log no longer reaches
 * back to it. Only backups are put back of which the hub can tell that they are: it holds a commit
 * made with more applied. None is made while something is set aside or kept off: the first contexts
 * of the next life would not say so.
 */
final class Restores {
  private static final long BEAT = 400_000;

  private final World world;
  private final Random random;
  private boolean ended;

  Restores(World world, Random random) {
    this.world = world;
    this.random = random;
  }

  void begin() {
    Features features = world.scenario.features();
    if (!features.has(Feature.RESTORED) || features.has(Feature.GROUPS)) {
      return;
    }
    for (int i = 0; i < 1 + random.nextInt(2); i++) {
      world.schedule.after(random.nextLong(world.scenario.roughMicros() / 2), this::backUp);
    }
    beat();
  }

  /** No database goes back any more. */
  void end() {
    ended = true;
  }

  private void beat() {
    if (!ended) {
      letRejoin();
      world.schedule.after(BEAT, this::beat);
    }
  }

  private void backUp() {
    if (ended) {
      return;
    }
    List<Site> sites = world.present().stream().filter(this::mayBeBackedUp).toList();
    if (sites.isEmpty()) {
      world.schedule.after(BEAT, this::backUp);
      return;
    }
    Site site = sites.get(random.nextInt(sites.size()));
    world.trace.note(site.name(), "is backed up after " + site.database().log().size());
    putBackLater(site, site.backup(), site.database().restores());
  }

  private boolean mayBeBackedUp(Site site) {
    return site != world.away()
        && site.direction().sends()
        && site.database().isUp()
        && site.database().checkpoint() != null
        && site.database().aside().exceptions() == 0;
  }

  private void putBackLater(Site site, Site.Backup backup, int restores) {
    world.schedule.after(
        100_000 + random.nextLong(2_000_000), () -> putBack(site, backup, restores));
  }

  private void putBack(Site site, Site.Backup backup, int restores) {
    if (ended || site.isGone() || site.database().restores() != restores) {
      return;
    }
    if (!site.database().isUp() || !canBeFoundOut(site, backup)) {
      putBackLater(site, backup, restores);
      return;
    }
    world.counts.restores++;
    switch (random.nextInt(6)) {
      case 0 -> {
        if (world.hub().isAlive()) {
          world.hub().die("killed");
        }
      }
      case 1, 2 -> cutAnotherOff(site);
      default -> {}
    }
    if (site.isRunning() && random.nextBoolean()) {
      site.agent().die("stopped for a restore");
    }
    site.restore(backup);
    if (random.nextInt(3) == 0) {
      putBackLater(site, backup, restores + 1);
    }
  }

  private void cutAnotherOff(Site site) {
    world.present().stream()
        .filter(other -> other != site && other != world.away())
        .findFirst()
        .ifPresent(other -> world.network.partition(other, true, true, random.nextLong(5_000_000)));
  }

  private boolean canBeFoundOut(Site site, Site.Backup backup) {
    long shown =
        site.state()
            .membership()
            .map(m -> new Writer(site.id(), m.epoch(), ChannelId.MAIN))
            .map(world.history::shown)
            .orElse(0L);
    return Math.max(shown, site.startsAfter()) > backup.database().checkpoint().number();
  }

  // ---- the operator's part

  /** Whoever is known to have gone back may take part again. */
  void letRejoin() {
    for (Site site : world.present()) {
      if (site.wasRestored() && needsResync(site)) {
        rejoin(site);
      }
    }
  }

  private boolean needsResync(Site site) {
    return world
        .disk
        .topology
        .find(site.id())
        .map(Spoke::standing)
        .filter(s -> s == Standing.NEEDS_RESYNC || s == Standing.EXPIRED)
        .isPresent();
  }

  private void rejoin(Site site) {
    SimulatedHub hub = world.hub();
    hub.enter(
        () ->
            hub.operators().rejoin(site.id()).whenComplete((done, fault) -> answered(site, fault)));
  }

  private void answered(Site site, Throwable fault) {
    if (fault == null) {
      world.counts.rejoins++;
      world.trace.note("operator", site.name() + " rejoins");
      return;
    }
    String reason = String.valueOf(fault.getMessage());
    world.trace.note("operator", site.name() + " can't rejoin: " + reason);
    if (reason.contains("no longer reaches back")) {
      world.schedule.after(0, () -> leave(site));
    } else if (reason.contains("came to the hub before") || reason.contains("no checkpoint")) {
      world.verdict.violation("rejoin", site.name() + ": " + reason);
    }
  }

  private void leave(Site site) {
    if (!site.isGone()) {
      world.operator.remove(site);
    }
  }
}
