package io.spokewire.common.id;

/** The number of a plan at the hub, from 1. {@link #NONE} (0): no plan was applied yet. */
public record PlanVersion(int number) implements Comparable<PlanVersion> {
  public static final PlanVersion NONE = new PlanVersion(0);

  public PlanVersion {
    if (number < 0) {
      throw new IllegalArgumentException("plan version " + number + " is negative");
    }
  }

  public PlanVersion next() {
    return new PlanVersion(number + 1);
  }

  @Override
  public int compareTo(PlanVersion other) {
    return Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}
