package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.apply.postgres.SpokewireSchema;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.postgres.PgChangeLog;
import io.spokewire.agent.capture.postgres.PgTriggers;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.pipeline.AppliedPlace;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.PlannedTables;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.util.Optional;
import java.util.function.Supplier;

/** Capture by triggers, whose log is trimmed by what is confirmed. */
public final class PgTriggerSite implements CaptureSite, AutoCloseable {
  private final PgTriggering triggering;
  private final PlannedTables tables;
  private final Session session;
  private final Supplier<ChangeSource.Factory> sources;
  private final Supplier<ChangeSource.Factory> allMarkers;

  /**
   * @param triggering knows what triggers there are on them
   * @param sources makes a factory for the tables that are in use when it is asked
   * @param allMarkers the same for sources to which every marker counts
   */
  public PgTriggerSite(
      PgDatabase database,
      PgTriggering triggering,
      PlannedTables tables,
      Supplier<ChangeSource.Factory> sources,
      Supplier<ChangeSource.Factory> allMarkers) {
    this.triggering = triggering;
    this.tables = tables;
    this.session = new Session(database);
    this.sources = sources;
    this.allMarkers = allMarkers;
  }

  @Override
  public ChangeSource.Factory sources() {
    return sources.get();
  }

  @Override
  public SourcePosition confirmed() {
    return session.call(
        "look where the change log begins",
        connection ->
            new PgChangeLog(connection)
                .first()
                .map(batch -> TriggerPosition.endOf(batch).position())
                .orElse(SourcePosition.NONE));
  }

  @Override
  public Optional<Position> applied() {
    return session.call("read the checkpoint", SpokewireSchema::checkpoint);
  }

  @Override
  public Optional<SourcePosition> find(Position applied) throws InterruptedException {
    // What is committed and in no batch yet comes into the next one.
    SourcePosition end =
        session.call(
            "look where the change log ends",
            connection ->
                TriggerPosition.endOf(new PgChangeLog(connection).last().orElse(0L) + 1)
                    .position());
    return AppliedPlace.find(allMarkers.get(), applied, end);
  }

  @Override
  public Retention retention() {
    return session.call(
        "look at the change log",
        connection -> {
          PgChangeLog log = new PgChangeLog(connection);
          if (!log.exists()) {
            throw log.lost("spokewire.change_log", "the change log is gone");
          }
          return new Retention(log.bytes(), Retention.UNLIMITED, true);
        });
  }

  @Override
  public void demandWhole() {
    session.call(
        "look at the triggers",
        connection -> {
          triggering.demandWhole(connection, tables.inUse());
          return true;
        });
  }

  @Override
  public void giveUp() {
    session.call(
        "drop the triggers",
        connection -> {
          new PgTriggers().dropEach(connection);
          new PgChangeLog(connection).drop();
          return true;
        });
  }

  @Override
  public void close() {
    session.close();
  }
}
