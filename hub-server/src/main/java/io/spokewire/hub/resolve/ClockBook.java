package io.spokewire.hub.resolve;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.SpokeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a context into a vector clock: for each spoke, the last of its transactions at the
 * positions that the context holds. Keeps (position, sequence) pairs above the frontier and the
 * last pair below it, per spoke.
 */
final class ClockBook {
  private final Map<SpokeId, Track> tracks = new HashMap<>();
  private final List<Track> inOrder = new ArrayList<>(); // the same by name

  /** Notes that the log holds this transaction. Positions ascend. */
  void note(Mark mark) {
    tracks
        .computeIfAbsent(mark.spoke(), this::newTrack)
        .add(mark.number(), mark.sequence().number());
  }

  private Track newTrack(SpokeId spoke) {
    Track track = new Track(spoke);
    inOrder.add(track);
    inOrder.sort(Comparator.comparing(t -> t.spoke));
    return track;
  }

  /** The clock of a transaction: what its context holds, and itself. */
  VectorClock clockOf(Mark mark) {
    VectorClock.Builder clock = new VectorClock.Builder(inOrder.size());
    boolean isFirst = true; // of its spoke, and not noted yet
    for (Track track : inOrder) {
      boolean own = track.spoke.equals(mark.spoke());
      clock.put(track.spoke, own ? mark.sequence().number() : track.lastIn(mark.context()));
      isFirst &= !own;
    }
    VectorClock known = clock.build();
    return isFirst ? known.with(mark.spoke(), mark.sequence()) : known;
  }

  void forgetThrough(long frontier) {
    tracks.values().forEach(t -> t.forgetThrough(frontier));
  }

  /** One spoke's pairs in two parallel arrays, live between {@code start} and {@code end}. */
  private static final class Track {
    private final SpokeId spoke;
    private long[] positions = new long[16];
    private long[] sequences = new long[16];
    private int start;
    private int end;
    private long sequenceBelow;

    Track(SpokeId spoke) {
      this.spoke = spoke;
    }

    /** The last of the spoke's transactions that the context holds; 0 if it holds none. */
    long lastIn(Context context) {
      long sequence = lastAt(context.low().number());
      for (long number : context.above()) {
        sequence = Math.max(sequence, exactlyAt(number));
      }
      return sequence;
    }

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

    private long lastAt(long position) {
      int index = Arrays.binarySearch(positions, start, end, position);
      int last = index >= 0 ? index : -index - 2;
      return last >= start ? sequences[last] : sequenceBelow;
    }

    private long exactlyAt(long position) {
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
