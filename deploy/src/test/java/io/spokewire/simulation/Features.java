package io.spokewire.simulation;

import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * What a world has beyond the plain one. Drawn apart from everything else, so that the plain world
 * of a seed stays what it was when features are added.
 *
 * @param away whether one site is cut off from the first moment of faults to their last, and comes
 *     back with all that its users did meanwhile
 */
record Features(boolean away) {
  static final Features NONE = new Features(false);

  /** Those of a seed. */
  static Features of(long seed) {
    RandomGenerator random = new Random(seed * 6361 + 5);
    return new Features(random.nextInt(8) == 0);
  }
}
