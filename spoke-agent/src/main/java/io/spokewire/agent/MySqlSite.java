package io.spokewire.agent;

import io.spokewire.agent.apply.mysql.MySpokewireSchema;
import io.spokewire.agent.apply.mysql.MyTargetDatabase;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.mysql.MyCapture;
import io.spokewire.agent.capture.mysql.MyChangeLog;
import io.spokewire.agent.capture.mysql.MyTriggeredDatabase;
import io.spokewire.agent.capture.mysql.ReadPlace;
import io.spokewire.agent.capture.trigger.TriggerCapture;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.EraSite;
import io.spokewire.agent.pipeline.LocalGenerators;
import io.spokewire.agent.pipeline.MarkRows;
import io.spokewire.agent.pipeline.PlannedTables;
import io.spokewire.agent.pipeline.SiteTables;
import io.spokewire.agent.pipeline.TriggerSite;
import io.spokewire.agent.pipeline.mysql.MyCaptureSite;
import io.spokewire.agent.pipeline.mysql.MyLogMark;
import io.spokewire.agent.pipeline.mysql.MySiteCatalogue;
import io.spokewire.agent.pipeline.mysql.MyTriggering;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.setup.Handover;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.lifecycle.Lifecycle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The parts of an agent beside MySQL or MariaDB. */
final class MySqlSite implements Site {
  private final MyDatabase brief;
  private final MyDatabase patient;
  private final ConnectionSource connections;
  private final Handover handover;
  private final Surroundings around;
  private final boolean byTriggers;
  private final MyTriggering triggering;
  private final PlannedTables tables;
  private final Lifecycle parts = new Lifecycle();
  private final BarrierMarks barriers;
  private final ReadPlace place = new ReadPlace();

  MySqlSite(
      MyDatabase brief,
      MyDatabase patient,
      ConnectionSource connections,
      boolean triggers,
      Handover handover,
      Surroundings around) {
    this.handover = handover;
    this.byTriggers = triggers && around.direction().sends();
    this.triggering = new MyTriggering(around.state(), brief);
    this.brief = brief;
    this.patient = patient;
    this.connections = connections;
    this.around = around;
    this.tables =
        new PlannedTables(
            new MySiteCatalogue(brief, byTriggers ? Optional.of(triggering) : Optional.empty()),
            around.state());
    this.barriers =
        parts.add(
            new MarkRows(brief, around.seal(), byTriggers ? MyChangeLog::mark : new MyLogMark()));
  }

  @Override
  public SiteTables tables() {
    return tables;
  }

  @Override
  public BarrierMarks barriers() {
    return barriers;
  }

  /** {@code AUTO_INCREMENT} goes on behind whatever number anybody inserts. */
  @Override
  public Optional<LocalGenerators> generators() {
    return Optional.empty();
  }

  @Override
  public TargetDatabase target() {
    return new MyTargetDatabase(
        connections, byTriggers ? Optional.of(MyChangeLog::mark) : Optional.empty());
  }

  @Override
  public CaptureSite capture(Predicate<AppliedMarker> isNew, Path spool) {
    SpoolDirectory spools = new SpoolDirectory(spool);
    return EraSite.of(handover.eras(), era -> site(era, isNew, spools), handover::forget);
  }

  private <S extends CaptureSite & AutoCloseable> CaptureSite closing(S site) {
    return parts.add(site);
  }

  private CaptureSite site(Era era, Predicate<AppliedMarker> isNew, SpoolDirectory spools) {
    if (era.byTriggers()) {
      return closing(
          new TriggerSite(
              brief,
              MySpokewireSchema::checkpoint,
              triggering,
              tables,
              () -> triggers(isNew, spools),
              () -> triggers(marker -> true, spools)));
    }
    Supplier<SourcePosition> begin =
        () -> era.number() == 0 ? around.state().get().captureStart() : era.begin();
    return closing(
        new MyCaptureSite(
            brief,
            begin,
            place,
            () -> source(begin.get(), isNew, spools),
            () -> source(begin.get(), marker -> true, spools)));
  }

  private MyCapture source(
      SourcePosition begin, Predicate<AppliedMarker> isNew, SpoolDirectory spools) {
    TableScope scope = tables.scope();
    return new MyCapture(
        patient,
        begin,
        scope,
        scope.agreedTypes(),
        around.seal(),
        isNew,
        spools,
        place,
        around.time());
  }

  private TriggerCapture triggers(Predicate<AppliedMarker> isNew, SpoolDirectory spools) {
    TableScope scope = tables.scope();
    return new TriggerCapture(
        new MyTriggeredDatabase(
            patient, scope, scope.agreedTypes(), around.seal(), isNew, spools, around.time()),
        around.time());
  }

  @Override
  public void close() {
    parts.close();
  }
}
