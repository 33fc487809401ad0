package io.spokewire.agent.marker;

import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Position;
import java.util.List;

/**
 * What an applied transaction says of itself: the hub positions {@code first..last} are in the
 * database with this commit, except for the rows in {@code unseen}, which were set aside.
 *
 * @param unseen the rows set aside now, all of them, not only those of this transaction
 */
public record AppliedMarker(Position first, Position last, List<Context.Unseen> unseen) {
  public AppliedMarker {
    unseen = List.copyOf(unseen);
    if (first.number() < 1 || first.isAfter(last)) {
      throw new IllegalArgumentException("marker for " + first + ".." + last);
    }
  }
}
