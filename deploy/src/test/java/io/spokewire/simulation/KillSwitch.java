package io.spokewire.simulation;

/** Ends a process at one of the points where it touches a disk, a database or the network. */
final class KillSwitch {
  private static final int UNARMED = -1;
  private int left = UNARMED;

  /** The process dies when it comes to its next point but so many. */
  void arm(int points) {
    left = points;
  }

  void disarm() {
    left = UNARMED;
  }

  /** The process touches the world here. */
  void point() {
    if (left == UNARMED) {
      return;
    }
    if (left == 0) {
      left = UNARMED;
      throw new Killed();
    }
    left--;
  }
}
