package io.spokewire.simulation;

import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.Router;
import java.util.List;

/** What a restored database wrote in its earlier life is not sent to it as it must be. */
final class EarlierLifeMutations extends Mutations {
  enum Answer {
    /** Not at all. */
    NEVER,
    /** Only what the earlier life itself was sent of it. */
    IN_PART
  }

  private final Answer answer;

  EarlierLifeMutations(Answer answer) {
    this.answer = answer;
  }

  @Override
  LinkListener listener(Site site, Desk honest) {
    return new ForgedDeliveries(honest) {
      @Override
      List<Delivery.Entry> forged(Delivery delivery) {
        return delivery.entries().stream()
            .map(e -> isOfEarlierLife(site, e) ? with(e, rows(site, e)) : e)
            .toList();
      }
    };
  }

  private static boolean isOfEarlierLife(Site site, Delivery.Entry entry) {
    return site.id().equals(entry.origin())
        && site.state()
            .membership()
            .filter(m -> !m.epoch().equals(writerOf(site, entry).epoch()))
            .isPresent();
  }

  private static Writer writerOf(Site site, Delivery.Entry entry) {
    return outcome(site, entry).transaction().writer();
  }

  private static LogEntry.Outcome outcome(Site site, Delivery.Entry entry) {
    return site.world().history.at(entry.position()).outcome();
  }

  private RowBlock rows(Site site, Delivery.Entry entry) {
    if (answer == Answer.NEVER || entry.more()) {
      return RowBlock.EMPTY;
    }
    RowBlock then = new Router().rowsFor(writerOf(site, entry), outcome(site, entry));
    return new RowBlock(Bytes.wrap(then.bytes().toByteArray()), then.rows());
  }
}
