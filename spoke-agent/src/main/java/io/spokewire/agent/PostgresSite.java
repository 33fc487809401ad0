package io.spokewire.agent;

import io.spokewire.agent.apply.postgres.PgTargetDatabase;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.postgres.PgCapture;
import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.SiteTables;
import io.spokewire.agent.pipeline.postgres.PgBarrierMarks;
import io.spokewire.agent.pipeline.postgres.PgCaptureSite;
import io.spokewire.agent.pipeline.postgres.PgTables;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.common.lifecycle.Lifecycle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** The parts of an agent beside PostgreSQL. */
final class PostgresSite implements Site {
  private final PgDatabase database;
  private final ConnectionSource connections;
  private final CaptureSettings names;
  private final Surroundings around;
  private final PgPublication publication;
  private final PgTables tables;
  private final Lifecycle parts = new Lifecycle();
  private final PgBarrierMarks barriers;

  PostgresSite(
      PgDatabase database,
      ConnectionSource connections,
      CaptureSettings names,
      Surroundings around) {
    this.database = database;
    this.connections = connections;
    this.names = names;
    this.around = around;
    this.publication = new PgPublication(names.publication());
    this.tables =
        new PgTables(
            database,
            sends() ? Optional.of(publication) : Optional.empty(),
            around.state(),
            around.time());
    this.barriers = parts.add(new PgBarrierMarks(database, around.seal()));
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
  public TargetDatabase target() {
    return new PgTargetDatabase(connections);
  }

  @Override
  public CaptureSite capture(Predicate<AppliedMarker> isNew, Path spool) {
    SpoolDirectory spools = new SpoolDirectory(spool);
    return parts.add(
        new PgCaptureSite(
            database,
            new PgSlot(database, names.slot()),
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

  @Override
  public void close() {
    parts.close();
  }
}
