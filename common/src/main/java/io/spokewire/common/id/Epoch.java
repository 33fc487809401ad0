package io.spokewire.common.id;

/** A spoke's life number. A new epoch starts when its database went back in time. First is 1. */
public record Epoch(int number) implements Comparable<Epoch> {
  public static final Epoch FIRST = new Epoch(1);

  public Epoch {
    if (number < 1) {
      throw new IllegalArgumentException("epoch " + number + " is below 1");
    }
  }

  public Epoch next() {
    return new Epoch(number + 1);
  }

  @Override
  public int compareTo(Epoch other) {
    return Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}
