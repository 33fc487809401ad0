package io.spokewire.hub;

import io.spokewire.hub.admin.FlowReadings;
import io.spokewire.hub.admin.SpokeStates;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.http.StatusView;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Supplier;

/** What the console's page shows. */
final class ConsoleStatus implements StatusView {
  private static final double MICROS_PER_SECOND = 1e6;
  private static final int LATEST_CONFLICTS = 20;
  private static final Duration DAY = Duration.ofDays(1);

  private final String hub;
  private final Topology topology;
  private final SpokeBoard board;
  private final FlowReadings flow;
  private final ConflictAudit audit;
  private final Notices notices;
  private final Supplier<Instant> now;

  ConsoleStatus(
      String hub,
      Topology topology,
      SpokeBoard board,
      FlowReadings flow,
      ConflictAudit audit,
      Notices notices,
      Supplier<Instant> now) {
    this.hub = hub;
    this.topology = topology;
    this.board = board;
    this.flow = flow;
    this.audit = audit;
    this.notices = notices;
    this.now = now;
  }

  @Override
  public Status read() {
    List<SpokeLine> spokes = topology.spokes().stream().map(this::line).toList();
    List<TableLine> tables = flow.tables().stream().map(ConsoleStatus::line).toList();
    FlowReadings.Rates rates = flow.throughput();
    FlowReadings.Day day = flow.last24Hours();
    return new Status(
        hub,
        overall(spokes, tables, notices.all()),
        notices.all().stream().map(Notices.Notice::line).toList(),
        spokes,
        tables,
        rates.current(),
        rates.peak(),
        day.records(),
        day.errors(),
        audit.countIfReadable(now.get().minus(DAY)),
        audit.newestIfReadable(LATEST_CONFLICTS).stream().map(ConsoleStatus::line).toList());
  }

  /** The same word as `syncadm status` has. */
  private static String overall(
      List<SpokeLine> spokes, List<TableLine> tables, List<Notices.Notice> notices) {
    if (notices.stream().anyMatch(Notices.Notice::isBlocking)) {
      return "critical";
    }
    boolean healthy = notices.isEmpty();
    healthy &= tables.stream().noneMatch(table -> table.status().equals("behind"));
    for (SpokeLine spoke : spokes) {
      if (spoke.state().equals("fenced") || spoke.state().equals("needs_resync")) {
        return "critical";
      }
      healthy &= spoke.state().equals("live") && spoke.reason().isEmpty();
    }
    return healthy ? "healthy" : "degraded";
  }

  private SpokeLine line(Spoke spoke) {
    SpokeBoard.Reading reading = board.of(spoke.id());
    String reason = SpokeStates.DEFAULT.reason(spoke, reading);
    String fault = reading.fault();
    return new SpokeLine(
        spoke.id().name(),
        spoke.engine(),
        spoke.direction().label(),
        SpokeStates.DEFAULT.of(spoke, reading).label(),
        fault.isEmpty() ? reason : reason.isEmpty() ? fault : reason + "; " + fault,
        reading.lagMicros() / MICROS_PER_SECOND,
        reading.applied(),
        reading.outboxPending());
  }

  private static TableLine line(FlowReadings.TableFlow table) {
    return new TableLine(
        table.table().name(),
        SpokeStates.DEFAULT.isBehind(table.lagMicros()) ? "behind" : "synced",
        table.lagMicros() / MICROS_PER_SECOND,
        table.records());
  }

  private static ConflictLine line(AuditedConflict c) {
    return new ConflictLine(
        c.timestamp().truncatedTo(ChronoUnit.SECONDS).toString(),
        c.table().name(),
        c.key(),
        c.field().equals("#") ? "the row itself" : c.field(),
        c.source().spoke().name(),
        shown(c, c.source().value()),
        c.target().spoke().name(),
        shown(c, c.target().value()),
        c.resolution(),
        shown(c, c.result()));
  }

  private static String shown(AuditedConflict c, AuditedConflict.Shown value) {
    return value.text().orElse(c.field().equals(ConflictRecord.EXISTENCE) ? "no row" : "NULL");
  }
}
