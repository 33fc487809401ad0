package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.util.Optional;
import java.util.function.Supplier;

/** Capture by triggers, whose log is trimmed by what is confirmed. */
public final class TriggerSite implements CaptureSite, AutoCloseable {
  private final Triggering triggering;
  private final PlannedTables tables;
  private final Session session;
  private final Session.Question<Optional<Position>> checkpoint;
  private final Supplier<ChangeSource.Factory> sources;
  private final Supplier<ChangeSource.Factory> allMarkers;

  /**
   * @param checkpoint what the database says is applied
   * @param triggering knows what triggers there are on the tables
   * @param sources makes a factory for the tables that are in use when it is asked
   * @param allMarkers the same for sources to which every marker counts
   */
  public TriggerSite(
      LocalDatabase database,
      Session.Question<Optional<Position>> checkpoint,
      Triggering triggering,
      PlannedTables tables,
      Supplier<ChangeSource.Factory> sources,
      Supplier<ChangeSource.Factory> allMarkers) {
    this.triggering = triggering;
    this.tables = tables;
    this.session = new Session(database);
    this.checkpoint = checkpoint;
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
            triggering
                .log(connection)
                .first()
                .map(batch -> TriggerPosition.endOf(batch).position())
                .orElse(SourcePosition.NONE));
  }

  @Override
  public Optional<Position> applied() {
    return session.call("read the checkpoint", checkpoint);
  }

  @Override
  public Optional<SourcePosition> find(Position applied) throws InterruptedException {
    // What is committed and in no batch yet comes into the next one.
    long batch =
        session.call(
            "look where the change log ends",
            connection -> triggering.log(connection).last().orElse(0L) + 1);
    return AppliedPlace.find(allMarkers.get(), applied, TriggerPosition.endOf(batch).position());
  }

  @Override
  public Retention retention() {
    return session.call(
        "look at the change log",
        connection -> {
          ChangeLog log = triggering.log(connection);
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
          triggering.drop(connection);
          triggering.log(connection).drop();
          return true;
        });
  }

  @Override
  public void close() {
    session.close();
  }
}
