package io.spokewire.agent;

import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.polling.LookBounds;
import io.spokewire.agent.capture.polling.Looking;
import io.spokewire.agent.capture.polling.PollCapture;
import io.spokewire.agent.capture.polling.PolledDatabase;
import io.spokewire.agent.capture.polling.SiteCopy;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.LocalGenerators;
import io.spokewire.agent.pipeline.PlannedTables;
import io.spokewire.agent.pipeline.PollCatalogue;
import io.spokewire.agent.pipeline.PollSite;
import io.spokewire.agent.pipeline.SiteCatalogue;
import io.spokewire.agent.pipeline.SiteTables;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.settings.PollSettings;
import io.spokewire.agent.setup.PollSetup;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.common.config.Plan.TablePattern;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** The parts of an agent that polls its database, whatever its engine. */
final class PolledSite implements Site {
  private final Function<TableScope, PolledDatabase> database;
  private final PollSettings settings;
  private final Surroundings around;
  private final SiteCopy copy;
  private final PlannedTables tables;

  /**
   * @param catalogue of the database
   * @param database how the tables in a scope are read
   */
  PolledSite(
      SiteCatalogue catalogue,
      Function<TableScope, PolledDatabase> database,
      PollSettings settings,
      Surroundings around) {
    this.database = database;
    this.settings = settings;
    this.around = around;
    this.copy = SiteCopy.open(around.copy());
    this.tables =
        new PlannedTables(
            new PollCatalogue(catalogue, copy, settings::keyOf, this::looking, around.state()),
            around.state());
  }

  /** What a join makes of such a database, and does not make in it. */
  static SiteSetup setup(SiteCatalogue catalogue) {
    return new PollSetup(() -> emptyTables(catalogue));
  }

  private static List<String> emptyTables(SiteCatalogue catalogue) {
    try (SiteCatalogue.Reading reading = catalogue.open()) {
      TableScope everything =
          new TableScope(List.of(new TablePattern("*")), reading.defaultSchema());
      return reading.read(everything).tables().stream()
          .filter(reading::isEmpty)
          .map(PolledSite::name)
          .sorted()
          .toList();
    }
  }

  private static String name(LocalTable table) {
    return table.schemaName() + "." + table.tableName();
  }

  private Looking looking(TableScope scope) {
    return new Looking(
        copy,
        database.apply(scope),
        settings::keyOf,
        new LookBounds(settings.overlap(), settings.timeZone()),
        settings.deleteDetection());
  }

  @Override
  public SiteTables tables() {
    return tables;
  }

  @Override
  public BarrierMarks barriers() {
    return copy::mark;
  }

  @Override
  public Optional<LocalGenerators> generators() {
    return Optional.empty();
  }

  @Override
  public TargetDatabase target() {
    throw new IllegalStateException("nothing is applied to a database that is polled");
  }

  @Override
  public CaptureSite capture(Predicate<AppliedMarker> isNew, Path spool) {
    SpoolDirectory spools = new SpoolDirectory(spool);
    return new PollSite(
        copy,
        () ->
            new PollCapture(
                copy, looking(tables.scope()), settings.interval(), spools, around.time()));
  }

  @Override
  public void close() {
    copy.close();
  }
}
