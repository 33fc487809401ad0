package io.spokewire.simulation;

import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.id.SpokeId;
import java.util.List;

/** The first site is not sent what the hub writes itself. */
final class DecisionMutations extends Mutations {
  @Override
  LinkListener listener(Site site, Desk honest) {
    return site.index() > 0 ? honest : new Forger(honest);
  }

  private static final class Forger extends ForgedDeliveries {
    Forger(Desk honest) {
      super(honest);
    }

    @Override
    List<Delivery.Entry> forged(Delivery delivery) {
      return delivery.entries().stream()
          .map(e -> SpokeId.HUB.equals(e.origin()) ? with(e, RowBlock.EMPTY) : e)
          .toList();
    }
  }
}
