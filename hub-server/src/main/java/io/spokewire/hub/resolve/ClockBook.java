package io.spokewire.hub.resolve;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns a context into a vector clock: for each spoke, the last of its transactions at the
 * positions that the context holds. Keeps (position, sequence) pairs above the frontier and the
 * last pair below it, per spoke.
 */
final class ClockBook {
  private final Map<SpokeId, Track> tracks = new HashMap<>();

  /** Notes that the log holds this transaction. Positions ascend. */
  void note(Mark mark) {
    tracks
        .computeIfAbsent(mark.spoke(), s -> new Track())
        .add(mark.number(), mark.sequence().number());
  }

  /** The clock of a transaction: what its context holds, and itself. */
  VectorClock clockOf(Mark mark) {
    Context context = mark.context();
    TreeMap<SpokeId, Sequence> entries = new TreeMap<>();
    tracks.forEach(
        (spoke, track) -> {
          long sequence = track.lastAt(context.low().number());
          for (long number : context.above()) {
            sequence = Math.max(sequence, track.exactlyAt(number));
          }
          entries.put(spoke, new Sequence(sequence));
        });
    entries.put(mark.spoke(), mark.sequence());
    return new VectorClock(entries);
  }

  void forgetThrough(long frontier) {
    tracks.values().forEach(t -> t.forgetThrough(frontier));
  }

  /** One spoke's pairs in two parallel arrays, live between {@code start} and {@code end}. */
  private static final class Track {
    private long[] positions = new long[16];
    private long[] sequences = new long[16];
    private int start;
    private int end;
    private long sequenceBelow;

    void add(long position, long sequence) {
      if (end == start) {
        sequenceBelow = Math.max(sequenceBelow, sequence - 1);
      }
      if (end == positions.length) {
        int live = end - start;
        int capacity = live > positions.length / 2 ? positions.length * 2 : positions.length;
        positions = Arrays.copyOf(Arrays.copyOfRange(positions, start, end), capacity);
        sequences = Arrays.copyOf(Arrays.copyOfRange(sequences, start, end), capacity);
        start = 0;
        end = live;
      }
      positions[end] = position;
      sequences[end++] = sequence;
    }

    long lastAt(long position) {
      int index = Arrays.binarySearch(positions, start, end, position);
      int last = index >= 0 ? index : -index - 2;
      return last >= start ? sequences[last] : sequenceBelow;
    }

    long exactlyAt(long position) {
      int index = Arrays.binarySearch(positions, start, end, position);
      return index >= 0 ? sequences[index] : 0;
    }

    void forgetThrough(long frontier) {
      while (start < end && positions[start] <= frontier) {
        sequenceBelow = sequences[start++];
      }
    }
  }
}
