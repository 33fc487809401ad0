package io.spokewire.hub.topology;

import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.AgreedTypes;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The persisted topology: spokes and plan versions. Every change is durable when the call returns.
 * Safe from any thread.
 */
public interface Topology {
  List<Spoke> spokes();

  Optional<Spoke> find(SpokeId spoke);

  /** Registers a spoke that will join later; a fault if the name is taken. */
  Spoke add(SpokeId spoke, Direction direction, ChannelId channel);

  /** Changes one spoke atomically; a fault if it does not exist. */
  Spoke update(SpokeId spoke, UnaryOperator<Spoke> change);

  /** Takes a spoke out; its certificate no longer opens anything. */
  void remove(SpokeId spoke);

  /** The plan in force; empty before the first. */
  Optional<PlanRecord> plan();

  List<PlanRecord> planHistory();

  /** Keeps a plan as the next version. */
  PlanRecord addPlan(PlanRecord next);

  /** In which logical types columns travel, so far as that was ever agreed. */
  AgreedTypes agreedTypes();

  /** Keeps these types in place of those before. */
  void agree(AgreedTypes types);

  /** The columns of every spoke whose columns were kept. */
  List<SpokeColumns> columns();

  /** Keeps a spoke's columns in place of those before; they go with the spoke. */
  void keepColumns(SpokeColumns columns);

  /**
   * @param text the YAML as the user gave it
   * @param position log position number from which it holds
   * @param appliedMicros when, microseconds since 1970 UTC
   */
  record PlanRecord(PlanVersion version, String text, long position, long appliedMicros) {}
}
