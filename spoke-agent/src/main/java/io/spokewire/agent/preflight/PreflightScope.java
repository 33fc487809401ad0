package io.spokewire.agent.preflight;

import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;

/**
 * What the agent is going to do at a site, and so what it needs.
 *
 * @param spoke the spoke; slot and publication are named after it
 * @param direction whether it captures, applies or both
 * @param tables the tables of the plan that exist here
 */
public record PreflightScope(SpokeId spoke, Direction direction, List<Table> tables) {
  public PreflightScope {
    tables = List.copyOf(tables);
  }

  /** A table by its names in the database, unquoted. */
  public record Table(String schema, String name) {}
}
