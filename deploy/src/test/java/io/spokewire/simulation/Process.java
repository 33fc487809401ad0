package io.spokewire.simulation;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.lifecycle.WorkLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that runs, until it is killed: its loops, driven as production drives them, and the way
 * into it for everything that comes from outside.
 */
abstract class Process {
  final World world;
  final String name;
  final KillSwitch kill;
  private final List<Drive> drives = new ArrayList<>();
  private boolean alive = true;

  Process(World world, String name, KillSwitch kill) {
    this.world = world;
    this.name = name;
    this.kill = kill;
  }

  boolean isAlive() {
    return alive;
  }

  /** Does something inside the process, unless it is dead; it may die of it. */
  final void enter(Runnable step) {
    if (!alive) {
      return;
    }
    try {
      step.run();
    } catch (Killed killed) {
      die("killed on the way");
    } catch (Fault fault) {
      failed(fault);
    }
  }

  final void die(String why) {
    if (alive) {
      alive = false;
      world.trace.note(name, "dies: " + why);
      kill.disarm();
      died();
    }
  }

  /** What else ends with the process. */
  abstract void died();

  /** A loop stopped by a fault that does not heal: the process can't go on. */
  abstract void failed(Fault fault);

  /**
   * Runs a loop from now on.
   *
   * @param paceMicros about how long between two steps without work
   */
  final Drive drive(WorkLoop loop, long paceMicros) {
    Drive drive = new Drive(loop, paceMicros, false);
    drives.add(drive);
    drive.wake();
    return drive;
  }

  /** Likewise a loop that waits inside, so that what it returns does not say if it had work. */
  final Drive driveSteadily(WorkLoop loop, long paceMicros) {
    Drive drive = new Drive(loop, paceMicros, true);
    drives.add(drive);
    drive.wake();
    return drive;
  }

  final void wakeAll() {
    drives.forEach(Drive::wake);
  }

  /** One loop and when its next step is due. */
  final class Drive {
    private final WorkLoop loop;
    private final long paceMicros;
    private final boolean steady;
    private long due = Long.MAX_VALUE;
    private Fault lastFault;

    private Drive(WorkLoop loop, long paceMicros, boolean steady) {
      this.loop = loop;
      this.paceMicros = paceMicros;
      this.steady = steady;
    }

    void wake() {
      within(world.random.nextInt(2_000));
    }

    Fault lastFault() {
      return lastFault;
    }

    private void within(long micros) {
      long when = world.schedule.now() + micros;
      if (when < due && alive) {
        due = when;
        world.schedule.at(when, () -> run(when));
      }
    }

    private void run(long when) {
      if (when == due && alive) {
        due = Long.MAX_VALUE;
        enter(this::step);
      }
    }

    private void step() {
      try {
        int done = loop.doWork();
        lastFault = null;
        boolean hadWork = done > 0 && !steady;
        within(
            hadWork
                ? world.random.nextInt(2_000)
                : paceMicros / 2 + world.random.nextLong(paceMicros));
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts", e);
      } catch (Fault fault) {
        lastFault = fault;
        if (!fault.healsByItself()) {
          throw fault;
        }
        within(20_000 + world.random.nextInt(200_000));
      }
    }
  }
}
