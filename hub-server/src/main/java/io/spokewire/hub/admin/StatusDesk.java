package io.spokewire.hub.admin;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.Position;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.observe.Notices;
import io.spokewire.proto.LastDay;
import io.spokewire.proto.Notice;
import io.spokewire.proto.ShownPlan;
import io.spokewire.proto.SpokeSummary;
import io.spokewire.proto.StatusReport;
import io.spokewire.proto.TableStatus;
import io.spokewire.proto.Throughput;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * How all is, in one report. {@code critical}: somebody must decide before a spoke can go on.
 * {@code degraded}: a spoke is not live, an agent reports a fault, a table is behind, or there is a
 * notice; a blocking one is {@code critical}. Else {@code healthy}. Safe from any thread.
 */
public final class StatusDesk {
  private static final Duration DAY = Duration.ofHours(24);

  private final String hub;
  private final TopologyDesk topology;
  private final PlanDesk plan;
  private final FlowReadings flow;
  private final ConflictAudit audit;
  private final SpokeStates states;
  private final Notices notices;
  private final Supplier<Position> head;
  private final TimeSource time;

  /**
   * @param hub the hub's name
   * @param head the last position of the channel's log
   */
  public StatusDesk(
      String hub,
      TopologyDesk topology,
      PlanDesk plan,
      FlowReadings flow,
      ConflictAudit audit,
      SpokeStates states,
      Notices notices,
      Supplier<Position> head,
      TimeSource time) {
    this.hub = hub;
    this.topology = topology;
    this.plan = plan;
    this.flow = flow;
    this.audit = audit;
    this.states = states;
    this.notices = notices;
    this.head = head;
    this.time = time;
  }

  StatusReport report() {
    List<SpokeSummary> spokes = topology.list();
    List<TableStatus> tables = flow.tables().stream().map(this::table).toList();
    ShownPlan inForce = plan.show();
    Position last = head.get();
    List<Notices.Notice> now = notices.all();
    FlowReadings.Rates rates = flow.throughput();
    FlowReadings.Day day = flow.last24Hours();
    LastDay.Builder lastDay =
        LastDay.newBuilder().setRecordsSynced(day.records()).setErrors(day.errors());
    audit.countIfReadable(time.instant().minus(DAY)).ifPresent(lastDay::setConflicts);
    return StatusReport.newBuilder()
        .setStatus(overall(spokes, tables, now))
        .setHub(hub)
        .putHeadPosition(last.channel().name(), last.number())
        .setPlanVersion(inForce.getVersion())
        .addAllNotActive(inForce.getNotActiveList())
        .addAllSpokes(spokes)
        .addAllTables(tables)
        .setThroughput(
            Throughput.newBuilder()
                .setCurrent(rates.current())
                .setAverage(rates.average())
                .setPeak(rates.peak()))
        .setLast24Hours(lastDay)
        .addAllNotices(now.stream().map(StatusDesk::notice).toList())
        .build();
  }

  private static Notice notice(Notices.Notice notice) {
    return Notice.newBuilder()
        .setGravity(notice.gravity().label())
        .setText(notice.text())
        .setHint(notice.hint())
        .build();
  }

  static String overall(
      List<SpokeSummary> spokes, List<TableStatus> tables, List<Notices.Notice> notices) {
    if (notices.stream().anyMatch(Notices.Notice::isBlocking)) {
      return "critical";
    }
    boolean degraded = !notices.isEmpty();
    degraded |= tables.stream().anyMatch(table -> table.getStatus().equals("behind"));
    for (SpokeSummary spoke : spokes) {
      switch (SpokeState.valueOf(spoke.getState().toUpperCase(Locale.ROOT))) {
        case FENCED, NEEDS_RESYNC -> {
          return "critical";
        }
        case PAUSED, JOINING, OFFLINE, PARKED, LAGGING -> degraded = true;
        case LIVE -> degraded |= !spoke.getFault().isEmpty();
      }
    }
    return degraded ? "degraded" : "healthy";
  }

  private TableStatus table(FlowReadings.TableFlow table) {
    return TableStatus.newBuilder()
        .setTable(table.table().name())
        .setStatus(states.isBehind(table.lagMicros()) ? "behind" : "synced")
        .setLagMicros(Math.max(0, table.lagMicros()))
        .setRecords(table.records())
        .build();
  }
}
