package io.spokewire.simulation;

import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.change.RowBlock;
import java.util.ArrayList;
import java.util.List;

/** What comes of a site's own writes is sent back to it otherwise than the hub says. */
final class EchoMutations extends Mutations {
  enum Answer {
    NEVER,
    ON_CONFLICT,
    ALWAYS
  }

  private final Answer answer;

  EchoMutations(Answer answer) {
    this.answer = answer;
  }

  @Override
  LinkListener listener(Site site, Desk honest) {
    return new Forger(site, honest);
  }

  private final class Forger extends ForgedDeliveries {
    private final Site site;
    private long through;

    Forger(Site site, Desk honest) {
      super(honest);
      this.site = site;
    }

    @Override
    public void attached(HubSession session) {
      through = session.base().number();
      super.attached(session);
    }

    @Override
    List<Delivery.Entry> forged(Delivery delivery) {
      List<Delivery.Entry> entries = new ArrayList<>();
      for (Delivery.Entry entry : delivery.entries()) {
        addOwn(entry.position() - 1, entries);
        entries.add(site.id().equals(entry.origin()) ? forged(entry) : entry);
        through = entry.position();
      }
      addOwn(delivery.through(), entries);
      return entries;
    }

    private Delivery.Entry forged(Delivery.Entry entry) {
      boolean dropped =
          answer == Answer.NEVER
              || (answer == Answer.ON_CONFLICT
                  && site.world().history.at(entry.position()).outcome().conflicts().isEmpty());
      return dropped ? with(entry, RowBlock.EMPTY) : entry;
    }

    /** What the hub did not send back because the site has it. */
    private void addOwn(long to, List<Delivery.Entry> entries) {
      for (long at = through + 1; answer == Answer.ALWAYS && at <= to; at++) {
        History.Logged own = site.world().history.at(at);
        if (own != null && site.id().equals(own.outcome().transaction().writer().spoke())) {
          entries.add(
              new Delivery.Entry(
                  at,
                  site.id(),
                  own.outcome().transaction().sequence(),
                  own.outcome().transaction().time(),
                  own.commit().rows(),
                  0,
                  false,
                  null));
        }
      }
      through = Math.max(through, to);
    }
  }
}
