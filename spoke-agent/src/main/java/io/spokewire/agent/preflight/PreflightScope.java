package io.spokewire.agent.preflight;

import io.spokewire.agent.settings.WeakSetting;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Set;

/**
 * What the agent is going to do at a site, and so what it needs.
 *
 * @param spoke the spoke
 * @param direction whether it captures, applies or both
 * @param tables the plan's tables; empty as long as no plan is known, and then every table of the
 *     default schema is looked at, but none is demanded
 * @param accepted what may lose changes, and is put up with
 */
public record PreflightScope(
    SpokeId spoke, Direction direction, List<TablePattern> tables, Set<WeakSetting> accepted) {
  public PreflightScope {
    tables = List.copyOf(tables);
    accepted = Set.copyOf(accepted);
  }
}
