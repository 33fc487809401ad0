package io.spokewire.simulation;

import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import java.util.List;

/** Rows that get another key are sent as if they had kept the old one. */
final class KeyMutations extends Mutations {
  @Override
  LinkListener listener(Site site, Desk honest) {
    return new ForgedDeliveries(honest) {
      @Override
      List<Delivery.Entry> forged(Delivery delivery) {
        return delivery.entries().stream().map(e -> with(e, updates(e.rows()))).toList();
      }
    };
  }

  private static RowBlock updates(RowBlock rows) {
    RowBlockWriter writer = new RowBlockWriter();
    for (RowChange change : rows) {
      writer.put(
          change instanceof RowChange.KeyChange c
              ? new RowChange.Update(c.schema(), c.oldKey(), Tuple.NONE, c.after())
              : change);
    }
    return writer.toBlock();
  }
}
