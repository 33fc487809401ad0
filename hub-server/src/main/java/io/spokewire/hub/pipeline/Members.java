package io.spokewire.hub.pipeline;

import io.spokewire.common.clock.Context;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Topology;
import java.util.List;
import java.util.Map;
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
   * with an old context.
   *
   * @param contexts a spoke's last received context; null if it sent none
   * @param head the frontier when nobody both sends and receives
   */
  long frontier(Function<SpokeId, @Nullable Context> contexts, long head) {
    long frontier = head;
    for (Spoke spoke : spokes.values()) {
      if (isMember(spoke) && spoke.direction().sends() && spoke.direction().receives()) {
        Context context = contexts.apply(spoke.id());
        long lowest = context == null ? spoke.startsAfter() : context.lowest();
        frontier = Math.min(frontier, lowest);
      }
    }
    return frontier;
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

  static boolean isMember(Spoke spoke) {
    return spoke.standing() != Spoke.Standing.JOINING;
  }
}
