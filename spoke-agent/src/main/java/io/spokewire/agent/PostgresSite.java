package io.spokewire.agent;

import io.spokewire.agent.apply.postgres.PgTargetDatabase;
import io.spokewire.agent.apply.postgres.SpokewireSchema;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.postgres.PgCapture;
import io.spokewire.agent.capture.postgres.PgChangeLog;
import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.capture.postgres.PgTriggeredDatabase;
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
import io.spokewire.agent.pipeline.postgres.PgCaptureSite;
import io.spokewire.agent.pipeline.postgres.PgGenerators;
import io.spokewire.agent.pipeline.postgres.PgLogMark;
import io.spokewire.agent.pipeline.postgres.PgPublishing;
import io.spokewire.agent.pipeline.postgres.PgSiteCatalogue;
import io.spokewire.agent.pipeline.postgres.PgTriggering;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.setup.Handover;
import io.spokewire.common.lifecycle.Lifecycle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** The parts of an agent beside PostgreSQL. */
final class PostgresSite implements Site {
  private final PgDatabase database;
  private final ConnectionSource connections;
  private final CaptureSettings names;
  private final Handover handover;
  private final Surroundings around;
  private final PgPublication publication;
  private final PgPublishing publishing;
  private final PgTriggering triggering;
  private final boolean byTriggers;
  private final PlannedTables tables;
  private final Lifecycle parts = new Lifecycle();
  private final BarrierMarks barriers;

  PostgresSite(
      PgDatabase database,
      ConnectionSource connections,
      CaptureSettings names,
      Handover handover,
      Surroundings around) {
    this.handover = handover;
    this.database = database;
    this.connections = connections;
    this.names = names;
    this.around = around;
    this.publication = new PgPublication(names.publication());
    this.publishing = new PgPublishing(publication, around.state(), database, around.time());
    this.triggering = new PgTriggering(around.state(), database);
    this.byTriggers = sends() && names.method() == AgentSettings.Method.TRIGGER;
    this.tables =
        new PlannedTables(
            byTriggers
                ? PgSiteCatalogue.ofTriggers(database, triggering)
                : new PgSiteCatalogue(
                    database, sends() ? Optional.of(publishing) : Optional.empty()),
            around.state());
    this.barriers =
        parts.add(
            new MarkRows(
                database, around.seal(), byTriggers ? PgChangeLog::mark : new PgLogMark()));
  }

  private boolean sends() {
    return around.direction().sends();
  }

  @Override
  public SiteTables tables() {
    return tables;
  }

  @Override
  public BarrierMarks barriers() {
    return barriers;
  }

  @Override
  public Optional<LocalGenerators> generators() {
    return Optional.of(
        parts.add(
            new PgGenerators(
                database,
                () ->
                    tables.inUse().stream()
                        .map(t -> new LocalName(t.schemaName(), t.tableName()))
                        .toList())));
  }

  @Override
  public TargetDatabase target() {
    return new PgTargetDatabase(
        connections, byTriggers ? Optional.of(PgChangeLog::mark) : Optional.empty());
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
    return era.byTriggers()
        ? closing(
            new TriggerSite(
                database,
                SpokewireSchema::checkpoint,
                triggering,
                tables,
                () -> triggers(isNew, spools),
                () -> triggers(marker -> true, spools)))
        : closing(
            new PgCaptureSite(
                database,
                new PgSlot(database, names.slot()),
                publishing,
                tables,
                () -> source(isNew, spools),
                () -> source(marker -> true, spools)));
  }

  private PgCapture source(Predicate<AppliedMarker> isNew, SpoolDirectory spools) {
    return new PgCapture(
        database,
        new PgSlot(database, names.slot()),
        publication,
        tables.scope(),
        around.seal(),
        isNew,
        spools,
        around.time());
  }

  private TriggerCapture triggers(Predicate<AppliedMarker> isNew, SpoolDirectory spools) {
    return new TriggerCapture(
        new PgTriggeredDatabase(database, tables.scope(), around.seal(), isNew, spools),
        around.time());
  }

  @Override
  public void close() {
    parts.close();
  }
}
