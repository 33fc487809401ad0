package io.spokewire.agent.stream;

import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.type.AgreedTypes;
import java.util.List;

/**
 * The part of the hub's plan that concerns an agent.
 *
 * @param patterns tables and patterns as the plan has them; empty before the first plan
 * @param protectedTables where a site's own pending writes are protected
 * @param agreedTypes in which types columns travel that do not in the agent's own
 */
public record PlanScope(
    PlanVersion version,
    List<String> patterns,
    ProtectedTables protectedTables,
    AgreedTypes agreedTypes) {
  public static final PlanScope NONE =
      new PlanScope(PlanVersion.NONE, List.of(), ProtectedTables.NONE, AgreedTypes.NONE);

  public PlanScope {
    patterns = List.copyOf(patterns);
  }
}
