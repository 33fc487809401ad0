package io.spokewire.simulation;

import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeColumns;
import io.spokewire.hub.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A topology whose owner may die right before and after each change. */
final class CrashableTopology implements Topology {
  private final Topology disk;
  private final KillSwitch kill;

  CrashableTopology(Topology disk, KillSwitch kill) {
    this.disk = disk;
    this.kill = kill;
  }

  @Override
  public List<Spoke> spokes() {
    return disk.spokes();
  }

  @Override
  public Optional<Spoke> find(SpokeId spoke) {
    return disk.find(spoke);
  }

  @Override
  public Spoke add(SpokeId spoke, Direction direction, ChannelId channel) {
    return disk.add(spoke, direction, channel);
  }

  @Override
  public Spoke update(SpokeId spoke, UnaryOperator<Spoke> change) {
    kill.point();
    Spoke changed = disk.update(spoke, change);
    kill.point();
    return changed;
  }

  @Override
  public void remove(SpokeId spoke) {
    kill.point();
    disk.remove(spoke);
    kill.point();
  }

  @Override
  public Optional<PlanRecord> plan() {
    return disk.plan();
  }

  @Override
  public List<PlanRecord> planHistory() {
    return disk.planHistory();
  }

  @Override
  public PlanRecord addPlan(PlanRecord next) {
    kill.point();
    PlanRecord added = disk.addPlan(next);
    kill.point();
    return added;
  }

  @Override
  public AgreedTypes agreedTypes() {
    return disk.agreedTypes();
  }

  @Override
  public void agree(AgreedTypes types) {
    kill.point();
    disk.agree(types);
    kill.point();
  }

  @Override
  public List<SpokeColumns> columns() {
    return disk.columns();
  }

  @Override
  public void keepColumns(SpokeColumns columns) {
    kill.point();
    disk.keepColumns(columns);
    kill.point();
  }
}
