package io.spokewire.agent.marker;

import io.spokewire.common.id.BarrierId;

/** What a sealed message of ours in a database's log says. */
public sealed interface Mark {
  /** The transaction it stands in was applied by us. */
  record Applied(AppliedMarker marker) implements Mark {}

  /** Everything committed before it was committed before the barrier. */
  record Barrier(BarrierId barrier) implements Mark {}
}
