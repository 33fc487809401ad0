package io.spokewire.hub.stream;

import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.type.AgreedTypes;
import java.util.List;

/**
 * The part of the plan that concerns an agent.
 *
 * @param version 0: no plan yet
 * @param tables names and patterns as the plan has them
 * @param position where it took its place in the log
 * @param protectedTables where a site's own pending writes are protected
 * @param agreedTypes of the agent's columns that travel in another logical type than its own
 */
public record PlanScope(
    int version,
    List<String> tables,
    long position,
    ProtectedTables protectedTables,
    AgreedTypes agreedTypes) {
  /** Before the first plan. */
  public static final PlanScope NONE =
      new PlanScope(0, List.of(), 0, ProtectedTables.NONE, AgreedTypes.NONE);

  public PlanScope {
    tables = List.copyOf(tables);
  }

  /** The same for an agent with these columns. */
  public PlanScope withTypes(AgreedTypes types) {
    return new PlanScope(version, tables, position, protectedTables, types);
  }
}
