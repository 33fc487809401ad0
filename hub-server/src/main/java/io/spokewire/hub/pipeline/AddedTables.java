package io.spokewire.hub.pipeline;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.config.Plan;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tables that a plan brings into scope while spokes are live. They must start equal everywhere:
 * empty, or by the operator's word. What stood in them before is in no log. Pure.
 */
final class AddedTables {
  private final PlanBook inForce;
  private final boolean anyLive;
  private final Map<SpokeId, TableReport> reports;

  /**
   * @param inForce the plan until now
   * @param spokes every spoke of the topology
   * @param reports the tables of those that could be asked, under the plan to be; a table that is
   *     not in use at a live spoke yet is described as empty if it is so now
   */
  AddedTables(PlanBook inForce, List<Spoke> spokes, Map<SpokeId, TableReport> reports) {
    this.inForce = inForce;
    this.reports = reports;
    this.anyLive = spokes.stream().anyMatch(AddedTables::isLive);
  }

  /** Why they may not start equal, a line each; empty if they do. */
  List<String> unequal(Plan plan, List<Spoke> spokes) {
    boolean adds = plan.tables().stream().anyMatch(pattern -> !inForce.hasPattern(pattern));
    List<String> lines = new ArrayList<>();
    for (Spoke spoke : spokes) {
      if (!isLive(spoke)) {
        continue;
      }
      TableReport report = reports.get(spoke.id());
      if (report != null) {
        filled(report).forEach(t -> lines.add(t + ": has rows at " + spoke.id()));
      } else if (adds) {
        lines.add(
            spoke.id() + ": is offline, so whether the new tables are empty there is not known");
      }
    }
    return lines;
  }

  /** Whether every table of this spoke that does not start empty is one that the plan adds. */
  boolean areAllThatIsFilledAt(Spoke spoke) {
    TableReport report = reports.get(spoke.id());
    return report == null
        ? !anyLive
        : report.tables().stream().filter(t -> !t.emptyAtStart()).allMatch(t -> isAdded(t.table()));
  }

  /** The tables the plan adds that have rows at this spoke. */
  List<TableName> filled(TableReport report) {
    return report.tables().stream()
        .filter(t -> !t.emptyAtStart())
        .map(TableDescription::table)
        .filter(this::isAdded)
        .sorted()
        .toList();
  }

  /** Whether it has rows at this spoke in tables that the plan adds. */
  boolean hasFilled(Spoke spoke) {
    TableReport report = reports.get(spoke.id());
    return report == null || !filled(report).isEmpty();
  }

  /** As long as nobody is live, all tables are new. */
  private boolean isAdded(TableName table) {
    return !anyLive || !inForce.names(table);
  }

  private static boolean isLive(Spoke spoke) {
    return spoke.standing() == Standing.LIVE;
  }
}
