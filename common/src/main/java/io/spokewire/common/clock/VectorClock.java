package io.spokewire.common.clock;

import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * For each spoke, the last of its transactions that a write descends from (Fidge and Mattern,
 * 1988). A spoke that is absent counts as 0. Immutable.
 *
 * <p>The hub decides concurrency by {@link Context}; the clock is what the audit shows, because
 * people can read it without knowing the hub's log.
 */
public record VectorClock(SortedMap<SpokeId, Sequence> entries) {
  public static final VectorClock EMPTY = new VectorClock(new TreeMap<>());

  public VectorClock {
    TreeMap<SpokeId, Sequence> copy = new TreeMap<>(entries);
    copy.values().removeIf(Sequence.NONE::equals);
    entries = Collections.unmodifiableSortedMap(copy);
  }

  public Sequence of(SpokeId spoke) {
    return entries.getOrDefault(spoke, Sequence.NONE);
  }

  public VectorClock with(SpokeId spoke, Sequence sequence) {
    TreeMap<SpokeId, Sequence> copy = new TreeMap<>(entries);
    copy.put(spoke, sequence);
    return new VectorClock(copy);
  }

  /** What {@code this} is, seen from {@code other}. */
  public Causality comparedTo(VectorClock other) {
    boolean behind = false;
    boolean ahead = false;
    for (Map.Entry<SpokeId, Sequence> e : entries.entrySet()) {
      ahead |= e.getValue().isAfter(other.of(e.getKey()));
    }
    for (Map.Entry<SpokeId, Sequence> e : other.entries.entrySet()) {
      behind |= e.getValue().isAfter(of(e.getKey()));
    }
    if (ahead && behind) {
      return Causality.CONCURRENT;
    }
    if (ahead) {
      return Causality.AFTER;
    }
    return behind ? Causality.BEFORE : Causality.EQUAL;
  }

  /** {@code lisbon:173 porto:9}, in order of name. */
  @Override
  public String toString() {
    return entries.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(" "));
  }
}
