package io.spokewire.hub.pipeline;

import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.entry.SpokeDelivery;
import io.spokewire.hub.stream.FlowState;
import io.spokewire.hub.stream.PlanScope;
import io.spokewire.hub.stream.Refusal;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.stream.Welcome;
import java.util.ArrayList;
import java.util.List;

/** A session that remembers what it was told. */
final class RecordingSession implements Session {
  private final SpokeId spoke;
  final List<Welcome> welcomes = new ArrayList<>();
  final List<Long> acknowledged = new ArrayList<>();
  final List<DeliveryBatch> batches = new ArrayList<>();
  final List<FlowState> flows = new ArrayList<>();
  final List<PlanScope> plans = new ArrayList<>();
  final List<Long> checks = new ArrayList<>();
  final List<BarrierId> barriers = new ArrayList<>();
  final List<Refusal> refusals = new ArrayList<>();
  long consumed;
  boolean ready = true;

  RecordingSession(SpokeId spoke) {
    this.spoke = spoke;
  }

  List<SpokeDelivery> deliveries() {
    return batches.stream().flatMap(b -> b.deliveries().stream()).toList();
  }

  @Override
  public SpokeId spoke() {
    return spoke;
  }

  @Override
  public void welcome(Welcome welcome) {
    welcomes.add(welcome);
  }

  @Override
  public void acknowledge(Sequence sequence, SourcePosition sourcePosition) {
    acknowledged.add(sequence.number());
  }

  @Override
  public boolean isReady() {
    return ready && refusals.isEmpty();
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    batches.add(batch);
  }

  @Override
  public void flow(FlowState state) {
    flows.add(state);
  }

  @Override
  public void plan(PlanScope scope) {
    plans.add(scope);
  }

  @Override
  public void checkPlan(long id, PlanScope scope) {
    checks.add(id);
  }

  @Override
  public void askBarrier(BarrierId barrier) {
    barriers.add(barrier);
  }

  @Override
  public void consumed(int bytes) {
    consumed += bytes;
  }

  @Override
  public void refuse(Refusal refusal) {
    refusals.add(refusal);
  }
}
