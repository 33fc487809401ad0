package io.spokewire.common.id;

/**
 * A writer's own number for its transactions, in its database's commit order: contiguous from 1.
 * {@link #NONE} (0) stands for "nothing yet".
 */
public record Sequence(long number) implements Comparable<Sequence> {
  public static final Sequence NONE = new Sequence(0);

  public Sequence {
    if (number < 0) {
      throw new IllegalArgumentException("sequence " + number + " is negative");
    }
  }

  public Sequence next() {
    return new Sequence(number + 1);
  }

  public boolean isAfter(Sequence other) {
    return number > other.number;
  }

  @Override
  public int compareTo(Sequence other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Long.toString(number);
  }
}
