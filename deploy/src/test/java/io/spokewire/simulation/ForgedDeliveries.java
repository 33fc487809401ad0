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
import java.util.List;

/** Between the link of an agent and its desk: other rows than the hub sent. */
abstract class ForgedDeliveries implements LinkListener {
  private final Desk honest;

  ForgedDeliveries(Desk honest) {
    this.honest = honest;
  }

  /** What comes instead. */
  abstract List<Delivery.Entry> forged(Delivery delivery);

  static Delivery.Entry with(Delivery.Entry e, RowBlock rows) {
    return new Delivery.Entry(
        e.position(), e.origin(), e.sequence(), e.time(), rows, e.part(), e.more(), e.barrier());
  }

  @Override
  public final boolean delivered(HubSession session, Delivery delivery) {
    return honest.delivered(
        session,
        new Delivery(
            delivery.schemas(),
            forged(delivery),
            delivery.through(),
            delivery.acknowledged(),
            delivery.bytes()));
  }

  @Override
  public void attached(HubSession session) {
    honest.attached(session);
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
