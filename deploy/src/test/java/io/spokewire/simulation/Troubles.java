package io.spokewire.simulation;

import java.util.random.RandomGenerator;

/** How often the connection to a site's database breaks, and it crashes; never once healed. */
final class Troubles {
  private final RandomGenerator random;
  private double rate;

  /**
   * @param rate of trouble with one call
   */
  Troubles(RandomGenerator random, double rate) {
    this.random = random;
    this.rate = rate;
  }

  void heal() {
    rate = 0;
  }

  boolean breaksBeforeCommit() {
    return random.nextDouble() < rate;
  }

  boolean breaksAfterCommit() {
    return random.nextDouble() < rate;
  }

  boolean crashesInCommit() {
    return random.nextDouble() < rate / 3;
  }

  boolean breaksReading() {
    return random.nextDouble() < rate / 10;
  }
}
