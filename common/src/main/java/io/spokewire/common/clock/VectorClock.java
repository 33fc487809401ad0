package io.spokewire.common.clock;

import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * For each spoke, the last of its transactions that a write descends from (Fidge and Mattern,
 * 1988). A spoke that is absent counts as 0. Immutable.
 *
 * <p>The hub decides concurrency by {@link Context}; the clock is what the audit shows, because
 * people can read it without knowing the hub's log.
 */
public final class VectorClock {
  public static final VectorClock EMPTY = new VectorClock(new SpokeId[0], new long[0]);

  private final SpokeId[] spokes; // in order of name
  private final long[] sequences; // of each, and never 0

  private VectorClock(SpokeId[] spokes, long[] sequences) {
    this.spokes = spokes;
    this.sequences = sequences;
  }

  /** Collects a clock, spoke by spoke in order of name. */
  public static final class Builder {
    private SpokeId[] spokes;
    private long[] sequences;
    private int size;

    /**
     * @param spokes how many there are at most
     */
    public Builder(int spokes) {
      this.spokes = new SpokeId[spokes];
      this.sequences = new long[spokes];
    }

    /**
     * @param spoke behind those that were put before
     */
    public Builder put(SpokeId spoke, Sequence last) {
      return put(spoke, last.number());
    }

    /** The same without an object. */
    public Builder put(SpokeId spoke, long last) {
      if (size > 0 && spokes[size - 1].compareTo(spoke) >= 0) {
        throw new IllegalArgumentException(spoke + " after " + spokes[size - 1]);
      }
      if (last != 0) {
        spokes[size] = spoke;
        sequences[size++] = last;
      }
      return this;
    }

    /** The clock; the builder is of no use any more. */
    public VectorClock build() {
      if (size < spokes.length) {
        spokes = Arrays.copyOf(spokes, size);
        sequences = Arrays.copyOf(sequences, size);
      }
      return new VectorClock(spokes, sequences);
    }
  }

  /** How many spokes it names. */
  public int size() {
    return spokes.length;
  }

  /** Every spoke that it names, in order of name. */
  public void forEach(BiConsumer<SpokeId, Sequence> action) {
    for (int i = 0; i < spokes.length; i++) {
      action.accept(spokes[i], new Sequence(sequences[i]));
    }
  }

  public Sequence of(SpokeId spoke) {
    int place = Arrays.binarySearch(spokes, spoke);
    return place < 0 ? Sequence.NONE : new Sequence(sequences[place]);
  }

  public VectorClock with(SpokeId spoke, Sequence sequence) {
    Builder builder = new Builder(spokes.length + 1);
    boolean put = false;
    for (int i = 0; i < spokes.length; i++) {
      int order = spokes[i].compareTo(spoke);
      if (order >= 0 && !put) {
        builder.put(spoke, sequence);
        put = true;
      }
      if (order != 0) {
        builder.put(spokes[i], sequences[i]);
      }
    }
    return (put ? builder : builder.put(spoke, sequence)).build();
  }

  /** What {@code this} is, seen from {@code other}. */
  public Causality comparedTo(VectorClock other) {
    boolean ahead = isAheadOf(other);
    boolean behind = other.isAheadOf(this);
    if (ahead && behind) {
      return Causality.CONCURRENT;
    }
    if (ahead) {
      return Causality.AFTER;
    }
    return behind ? Causality.BEFORE : Causality.EQUAL;
  }

  private boolean isAheadOf(VectorClock other) {
    for (int i = 0; i < spokes.length; i++) {
      if (sequences[i] > other.of(spokes[i]).number()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VectorClock clock
        && Arrays.equals(spokes, clock.spokes)
        && Arrays.equals(sequences, clock.sequences);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(spokes) + Arrays.hashCode(sequences);
  }

  /** {@code lisbon:173 porto:9}, in order of name. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < spokes.length; i++) {
      text.append(i == 0 ? "" : " ").append(spokes[i]).append(':').append(sequences[i]);
    }
    return text.toString();
  }
}
