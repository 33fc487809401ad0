package io.spokewire.simulation;

import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.FlowChange;
import io.spokewire.agent.stream.HubOrder;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
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

  private final class Forger implements LinkListener {
    private final Site site;
    private final Desk honest;
    private long through;

    Forger(Site site, Desk honest) {
      this.site = site;
      this.honest = honest;
    }

    @Override
    public void attached(HubSession session) {
      through = session.base().number();
      honest.attached(session);
    }

    @Override
    public boolean delivered(HubSession session, Delivery delivery) {
      List<Delivery.Entry> entries = new ArrayList<>();
      for (Delivery.Entry entry : delivery.entries()) {
        addOwn(entry.position() - 1, entries);
        entries.add(site.id().equals(entry.origin()) ? forged(entry) : entry);
        through = entry.position();
      }
      addOwn(delivery.through(), entries);
      return honest.delivered(
          session,
          new Delivery(
              delivery.schemas(),
              entries,
              delivery.through(),
              delivery.acknowledged(),
              delivery.bytes()));
    }

    private Delivery.Entry forged(Delivery.Entry entry) {
      boolean dropped =
          answer == Answer.NEVER
              || (answer == Answer.ON_CONFLICT
                  && site.world().history.at(entry.position()).outcome().conflicts().isEmpty());
      return dropped ? of(entry, RowBlock.EMPTY) : entry;
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

    private static Delivery.Entry of(Delivery.Entry e, RowBlock rows) {
      return new Delivery.Entry(
          e.position(), e.origin(), e.sequence(), e.time(), rows, e.part(), e.more(), e.barrier());
    }

    @Override
    public void detached(HubSession session) {
      honest.detached(session);
    }

    @Override
    public void acknowledged(HubSession session, Sequence sequence, SourcePosition position) {
      honest.acknowledged(session, sequence, position);
    }

    @Override
    public void ordered(HubSession session, HubOrder order) {
      honest.ordered(session, order);
    }

    @Override
    public void flowChanged(HubSession session, FlowChange flow) {
      honest.flowChanged(session, flow);
    }

    @Override
    public void sendable(HubSession session) {
      honest.sendable(session);
    }
  }
}
