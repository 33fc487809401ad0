package io.spokewire.hub.pipeline;

import io.spokewire.common.clock.Context;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Topology;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The topology's spokes as the sequencer sees them: a copy, refreshed when something about them
 * changed. Owned by the sequencer.
 */
final class Members {
  private final Topology topology;
  private Map<SpokeId, Spoke> spokes = Map.of();

  Members(Topology topology) {
    this.topology = topology;
  }

  void refresh() {
    spokes = topology.spokes().stream().collect(Collectors.toMap(Spoke::id, s -> s));
  }

  @Nullable Spoke find(SpokeId spoke) {
    return spokes.get(spoke);
  }

  List<Spoke> all() {
    return List.copyOf(spokes.values());
  }

  /**
   * The position up to which every spoke has seen everything, so far as its own stream has shown.
   * Spokes that are fenced or need a resync still count: what they have not sent yet was written
   * with an old context. Those that expired do not: nothing is taken of them any more.
   *
   * @param contexts a spoke's last received context; null if it sent none
   * @param head the frontier when nobody both sends and receives
   */
  long frontier(Function<SpokeId, @Nullable Context> contexts, long head) {
    long frontier = head;
    for (Spoke spoke : spokes.values()) {
      if (countsForFrontier(spoke)) {
        frontier = Math.min(frontier, lowest(spoke, contexts));
      }
    }
    return frontier;
  }

  /** The spokes that hold the frontier where it is; none while it is at the head. */
  Set<SpokeId> holders(Function<SpokeId, @Nullable Context> contexts, long head) {
    long frontier = frontier(contexts, head);
    Set<SpokeId> holders = new TreeSet<>();
    for (Spoke spoke : spokes.values()) {
      if (frontier < head && countsForFrontier(spoke) && lowest(spoke, contexts) <= frontier) {
        holders.add(spoke.id());
      }
    }
    return holders;
  }

  private static boolean countsForFrontier(Spoke spoke) {
    return isMember(spoke) && spoke.direction().sends() && spoke.direction().receives();
  }

  private static long lowest(Spoke spoke, Function<SpokeId, @Nullable Context> contexts) {
    Context context = contexts.apply(spoke.id());
    return context == null ? spoke.startsAfter() : context.lowest();
  }

  /** The position that every spoke which receives durably holds. */
  long slowest(Function<SpokeId, @Nullable Long> applied, long head) {
    long slowest = head;
    for (Spoke spoke : spokes.values()) {
      if (isMember(spoke) && spoke.direction().receives()) {
        Long position = applied.apply(spoke.id());
        slowest = Math.min(slowest, position == null ? spoke.startsAfter() : position);
      }
    }
    return slowest;
  }

  /** Whether the log and the window wait for it. */
  static boolean isMember(Spoke spoke) {
    return spoke.standing() != Spoke.Standing.JOINING && spoke.standing() != Spoke.Standing.EXPIRED;
  }
}
