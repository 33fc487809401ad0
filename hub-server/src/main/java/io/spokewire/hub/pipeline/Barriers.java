package io.spokewire.hub.pipeline;

import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The barriers under way: who still owes a mark, and whether the log's place of a complete one is
 * everywhere. The sequencer writes, waiting operators read; safe from any thread.
 */
final class Barriers {
  private final Topology topology;
  private final SpokeBoard board;
  private final LongSupplier auditedThrough;
  private final Map<BarrierId, Pending> pending = new ConcurrentHashMap<>();

  /**
   * @param auditedThrough the position number up to which the conflict audit is complete
   */
  Barriers(Topology topology, SpokeBoard board, LongSupplier auditedThrough) {
    this.topology = topology;
    this.board = board;
    this.auditedThrough = auditedThrough;
  }

  private final List<Mark> unsettled = new ArrayList<>(); // of the sequencer

  private record Mark(Pending of, SpokeId spoke) {}

  private static final class Pending {
    private final Set<SpokeId> owing;
    private volatile long position; // 0 until it is durable in the log
    private boolean placed;

    private Pending(Set<SpokeId> owing) {
      this.owing = owing;
    }
  }

  /** Begins a barrier: every spoke that sends owes its mark. */
  void begin(BarrierId barrier) {
    Set<SpokeId> owing = ConcurrentHashMap.newKeySet();
    topology.spokes().stream().filter(s -> s.direction().sends()).forEach(s -> owing.add(s.id()));
    pending.put(barrier, new Pending(owing));
  }

  void giveUp(BarrierId barrier) {
    pending.remove(barrier);
  }

  /** Barriers whose mark this spoke owes. */
  List<BarrierId> owedBy(SpokeId spoke) {
    List<BarrierId> owed = new ArrayList<>();
    pending.forEach(
        (barrier, p) -> {
          if (p.owing.contains(spoke)) {
            owed.add(barrier);
          }
        });
    return owed;
  }

  /** This spoke's mark has come, and all it sent before has its place. */
  void marked(BarrierId barrier, SpokeId spoke) {
    Pending p = pending.get(barrier);
    if (p != null && p.owing.remove(spoke)) {
      unsettled.add(new Mark(p, spoke));
    }
  }

  /** What was marked so far is durable. */
  void settled() {
    unsettled.clear();
  }

  /** The spoke is gone: nobody waits for it. */
  void forget(SpokeId spoke) {
    pending.values().forEach(p -> p.owing.remove(spoke));
  }

  /** Barriers that nobody owes a mark any more and that have no place yet. */
  List<BarrierId> complete() {
    if (pending.isEmpty()) {
      return List.of();
    }
    List<BarrierId> complete = new ArrayList<>();
    pending.forEach(
        (barrier, p) -> {
          if (p.owing.isEmpty() && !p.placed) {
            complete.add(barrier);
          }
        });
    return complete;
  }

  /** The barrier's entry is about to be committed; not durable yet. */
  void placed(BarrierId barrier) {
    Pending p = pending.get(barrier);
    if (p != null) {
      p.placed = true;
    }
  }

  /** The commit failed: marks that came with it come again, and so do places. */
  void unplaced() {
    unsettled.forEach(mark -> mark.of().owing.add(mark.spoke()));
    unsettled.clear();
    pending.values().forEach(p -> p.placed = p.position != 0);
  }

  /** The barrier's entry is durable. */
  void durable(BarrierId barrier, long position) {
    Pending p = pending.get(barrier);
    if (p != null) {
      p.position = position;
    }
  }

  /** What is missing until everything before the barrier is everywhere; empty when nothing is. */
  List<String> lacking(BarrierId barrier) {
    Pending p = pending.get(barrier);
    if (p == null) {
      return List.of("the barrier was given up");
    }
    List<String> lacking = new ArrayList<>();
    Set<SpokeId> owing = new HashSet<>(p.owing);
    long position = p.position;
    for (Spoke spoke : topology.spokes()) {
      String what = lacking(spoke, owing.contains(spoke.id()), position);
      if (what != null) {
        lacking.add(spoke.id() + ": " + what);
      }
    }
    if (position == 0 && lacking.isEmpty()) {
      lacking.add("hub: the barrier has no place in the log yet");
    } else if (position != 0 && auditedThrough.getAsLong() < position) {
      lacking.add("hub: the conflict audit is behind");
    }
    return lacking;
  }

  private @Nullable String lacking(Spoke spoke, boolean owes, long position) {
    SpokeBoard.Reading reading = board.of(spoke.id());
    if (spoke.standing() != Spoke.Standing.LIVE) {
      String state =
          spoke.standing() == Spoke.Standing.EXPIRED
              ? "needs_resync"
              : spoke.standing().name().toLowerCase(Locale.ROOT);
      return spoke.reason().isEmpty() ? state : state + ", " + spoke.reason();
    }
    if (spoke.paused()) {
      return "paused";
    }
    if (!reading.connected()) {
      return "offline";
    }
    if (owes) {
      return "its barrier mark has not come yet";
    }
    if (position == 0) {
      return null;
    }
    if (spoke.direction().receives() && reading.applied() < position) {
      return "has applied " + reading.applied() + " of " + position;
    }
    if (reading.parked() > 0) {
      return reading.parked() + " rows are parked";
    }
    return reading.kept() > 0 ? reading.kept() + " values wait for writes of its own" : null;
  }
}
