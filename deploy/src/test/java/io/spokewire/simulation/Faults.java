package io.spokewire.simulation;

import java.util.List;
import java.util.Random;

/** What goes wrong, and when, by the seed; nothing more once healed. */
final class Faults {
  private final World world;
  private final Random random;
  private boolean healed;
  private double hubDisk;

  Faults(World world) {
    this.world = world;
    this.random = new Random(world.random.nextLong());
  }

  void begin() {
    hubDisk = world.scenario.databaseTrouble() / 2;
    next();
  }

  private void next() {
    long every = world.scenario.faultEveryMicros();
    world.schedule.after(
        every / 2 + random.nextLong(every),
        () -> {
          if (!healed) {
            one();
            next();
          }
        });
  }

  boolean hubDiskFails() {
    return random.nextDouble() < hubDisk;
  }

  private void one() {
    List<Site> sites = world.present();
    Site site = sites.get(random.nextInt(sites.size()));
    switch (random.nextInt(14)) {
      case 0, 1 -> {
        world.trace.note(site.name(), "its connection is cut");
        world.network.cut(site, random.nextInt(4) == 0);
      }
      case 2 -> partition(site);
      case 3, 4, 5 -> {
        if (site.isRunning()) {
          site.agent().kill.arm(random.nextInt(60)); // at some step, not far from now
        }
      }
      case 6 -> {
        if (site.isRunning()) {
          site.agent().die("killed");
        }
      }
      case 7, 8 -> {
        if (world.hub().isAlive()) {
          world.hub().kill.arm(random.nextInt(60));
        }
      }
      case 9 -> {
        if (site.database().isUp()) {
          site.crashDatabase();
        }
      }
      case 10 -> jump(site);
      case 11 -> world.operator.pauseForAWhile(site);
      case 12 -> world.operator.changePlan();
      default -> world.operator.growOrShrink();
    }
  }

  private void partition(Site site) {
    if (site == world.away()) {
      return;
    }
    int ways = random.nextInt(3);
    long micros = 200_000 + random.nextLong(10_000_000);
    world.trace.note(site.name(), "partitioned for " + micros / 1000 + " ms, way " + ways);
    world.network.partition(site, ways != 1, ways != 2, micros);
  }

  private void jump(Site site) {
    long hour = 3_600_000_000L;
    long micros = random.nextLong(2 * hour) - hour;
    VirtualClock clock =
        switch (random.nextInt(4)) {
          case 0 -> world.hubClock;
          case 1 -> site.agentClock();
          default -> site.database().clock;
        };
    clock.turn(micros);
    world.trace.note(site.name(), "a clock is off by " + micros / 1_000_000 + " s");
  }

  /** The weather clears up. */
  void heal() {
    healed = true;
    hubDisk = 0;
    world.hubClock.turn(0);
    world.network.heal();
    for (Site site : world.present()) {
      site.troubles().heal();
      site.startDatabase();
      site.database().clock.turn(0);
      site.agentClock().turn(0);
      if (site.isRunning()) {
        site.agent().kill.disarm();
      }
    }
    if (world.hub().isAlive()) {
      world.hub().kill.disarm();
    }
  }
}
