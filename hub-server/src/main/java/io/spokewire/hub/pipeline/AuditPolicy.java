package io.spokewire.hub.pipeline;

import io.spokewire.common.config.Plan;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How long conflicts stay in the audit, and from how many people are to be told.
 *
 * @param retention from when a conflict was found
 * @param alertAbove conflicts an hour; empty: nobody is told
 */
public record AuditPolicy(Duration retention, Optional<Integer> alertAbove) {
  /**
   * What the plan in force says, and the hub's own settings where it says nothing.
   *
   * @param reader a plan's text to the plan
   */
  public static Supplier<AuditPolicy> of(
      Topology topology, Function<String, Plan> reader, Duration retention) {
    return new Supplier<>() {
      private @Nullable PlanRecord known;
      private AuditPolicy policy = new AuditPolicy(retention, Optional.empty());

      @Override
      public AuditPolicy get() {
        PlanRecord inForce = topology.plan().orElse(null);
        if (inForce != null && inForce != known) {
          Plan.ConflictLog said = reader.apply(inForce.text()).conflictLog();
          policy = new AuditPolicy(said.retention().orElse(retention), said.alertAbove());
          known = inForce;
        }
        return policy;
      }
    };
  }
}
