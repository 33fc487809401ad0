package io.spokewire.agent.capture.mysql;

import java.util.ArrayList;
import java.util.List;

/**
 * Which numbers of the change log a reader saw: all up to the highest but some holes, which were
 * given out and not committed when it looked. What snapshots are to PostgreSQL. Immutable.
 *
 * @param upTo the highest number seen
 * @param holes in ascending order, apart from each other, none above {@code upTo}
 */
record IdSnapshot(long upTo, List<Range> holes) {
  IdSnapshot {
    holes = List.copyOf(holes);
  }

  /** Numbers from {@code from} to {@code to}, both included. */
  record Range(long from, long to) {
    Range {
      if (from > to) {
        throw new IllegalArgumentException("from " + from + " to " + to);
      }
    }
  }

  /**
   * What a later look saw.
   *
   * @param came the numbers that are there now and were not seen before, ascending
   */
  IdSnapshot and(List<Range> came) {
    if (came.isEmpty()) {
      return this;
    }
    long highest = Math.max(upTo, came.getLast().to);
    return new IdSnapshot(highest, without(unseen(highest), came));
  }

  /** The same without holes that nothing will come from any more. */
  IdSnapshot without(List<Range> dead) {
    return new IdSnapshot(upTo, without(holes, dead));
  }

  /** What this one saw and an earlier one did not. */
  List<Range> since(IdSnapshot before) {
    return without(before.unseen(upTo), holes);
  }

  private List<Range> unseen(long highest) {
    List<Range> unseen = new ArrayList<>(holes);
    if (highest > upTo) {
      unseen.add(new Range(upTo + 1, highest));
    }
    return unseen;
  }

  /** Of ascending ranges what is in none of others. */
  private static List<Range> without(List<Range> ranges, List<Range> others) {
    List<Range> left = new ArrayList<>();
    int next = 0;
    for (Range range : ranges) {
      long from = range.from;
      while (next < others.size() && others.get(next).to < from) {
        next++;
      }
      for (int i = next; i < others.size() && others.get(i).from <= range.to; i++) {
        Range other = others.get(i);
        if (from < other.from) {
          left.add(new Range(from, other.from - 1));
        }
        from = Math.max(from, other.to + 1);
      }
      if (from <= range.to) {
        left.add(new Range(from, range.to));
      }
    }
    return left;
  }

  /** {@code 17:3-4,9-9}. */
  String text() {
    StringBuilder text = new StringBuilder().append(upTo).append(':');
    for (int i = 0; i < holes.size(); i++) {
      Range hole = holes.get(i);
      text.append(i == 0 ? "" : ",").append(hole.from).append('-').append(hole.to);
    }
    return text.toString();
  }

  static IdSnapshot parse(String text) {
    int colon = text.indexOf(':');
    List<Range> holes = new ArrayList<>();
    for (String range : text.substring(colon + 1).split(",")) {
      if (!range.isEmpty()) {
        int dash = range.indexOf('-');
        holes.add(
            new Range(
                Long.parseLong(range.substring(0, dash)),
                Long.parseLong(range.substring(dash + 1))));
      }
    }
    return new IdSnapshot(Long.parseLong(text.substring(0, colon)), holes);
  }
}
