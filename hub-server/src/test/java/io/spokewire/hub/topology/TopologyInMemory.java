package io.spokewire.hub.topology;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.AgreedTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The topology without a disk. */
public final class TopologyInMemory implements Topology {
  private final TreeMap<SpokeId, Spoke> spokes = new TreeMap<>();
  private final List<PlanRecord> plans = new ArrayList<>();
  private final TreeMap<SpokeId, SpokeColumns> columns = new TreeMap<>();
  private AgreedTypes agreed = AgreedTypes.NONE;

  @Override
  public synchronized List<Spoke> spokes() {
    return List.copyOf(spokes.values());
  }

  @Override
  public synchronized Optional<Spoke> find(SpokeId spoke) {
    return Optional.ofNullable(spokes.get(spoke));
  }

  @Override
  public synchronized Spoke add(SpokeId spoke, Direction direction, ChannelId channel) {
    if (spokes.containsKey(spoke)) {
      throw Fault.of(FaultKind.USAGE, "add spoke", "there is a spoke '" + spoke + "' already")
          .hint("remove it first, or choose another name")
          .build();
    }
    Spoke added =
        new Spoke(
            spoke,
            direction,
            channel,
            "",
            Epoch.FIRST,
            Spoke.Standing.JOINING,
            "",
            false,
            0,
            false,
            0);
    spokes.put(spoke, added);
    return added;
  }

  @Override
  public synchronized Spoke update(SpokeId spoke, UnaryOperator<Spoke> change) {
    return spokes.compute(spoke, (id, before) -> change.apply(before));
  }

  @Override
  public synchronized void remove(SpokeId spoke) {
    spokes.remove(spoke);
    columns.remove(spoke);
  }

  @Override
  public synchronized Optional<PlanRecord> plan() {
    return plans.isEmpty() ? Optional.empty() : Optional.of(plans.getLast());
  }

  @Override
  public synchronized List<PlanRecord> planHistory() {
    return List.copyOf(plans);
  }

  @Override
  public synchronized PlanRecord addPlan(PlanRecord next) {
    plans.add(next);
    return next;
  }

  @Override
  public synchronized AgreedTypes agreedTypes() {
    return agreed;
  }

  @Override
  public synchronized void agree(AgreedTypes types) {
    agreed = types;
  }

  @Override
  public synchronized List<SpokeColumns> columns() {
    return List.copyOf(columns.values());
  }

  @Override
  public synchronized void keepColumns(SpokeColumns kept) {
    columns.put(kept.spoke(), kept);
  }
}
