package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.apply.postgres.SpokewireSchema;
import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.PlannedTables;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Capture by the spoke's own slot. */
public final class PgCaptureSite implements CaptureSite, AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(100);

  private final PgDatabase database;
  private final PgSlot slot;
  private final PgPublishing published;
  private final PlannedTables tables;
  private final Session session;
  private final Supplier<ChangeSource.Factory> sources;
  private final Supplier<ChangeSource.Factory> allMarkers;

  /**
   * @param published what the publication has to give of the tables in use
   * @param sources makes a factory for the tables that are in use when it is asked
   * @param allMarkers the same for sources to which every marker counts
   */
  public PgCaptureSite(
      PgDatabase database,
      PgSlot slot,
      PgPublishing published,
      PlannedTables tables,
      Supplier<ChangeSource.Factory> sources,
      Supplier<ChangeSource.Factory> allMarkers) {
    this.database = database;
    this.slot = slot;
    this.published = published;
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
    return positionOf(
        "SELECT (confirmed_flush_lsn - '0/0'::pg_lsn)::bigint FROM pg_replication_slots"
            + " WHERE slot_name = ? AND confirmed_flush_lsn IS NOT NULL");
  }

  /** The end of the log on disk. */
  private SourcePosition end() {
    return positionOf(
        "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint FROM pg_replication_slots"
            + " WHERE slot_name = ?");
  }

  private SourcePosition positionOf(String query) {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, slot.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new SourcePosition(new ByteSink(16).putInt64(row.getLong(1)).toBytes())
            : SourcePosition.NONE;
      }
    } catch (SQLException e) {
      throw PgFaults.of("look at the replication slot " + slot.name(), database, e);
    }
  }

  @Override
  public Optional<Position> applied() {
    return session.call("read the checkpoint", SpokewireSchema::checkpoint);
  }

  @Override
  public Optional<SourcePosition> find(Position applied) throws InterruptedException {
    SourcePosition end = end();
    try (ChangeSource source = allMarkers.get().open(SourcePosition.NONE)) {
      while (true) {
        switch (source.next(STEP)) {
          case Captured.Applied own when own.marker().last().equals(applied) -> {
            return Optional.of(own.position());
          }
          case Captured.Local local -> {
            local.rows().close();
            if (!local.position().isBefore(end)) {
              return Optional.empty();
            }
          }
          case Captured.Shape shape -> {}
          case null -> {}
          case Captured event -> {
            if (!event.position().isBefore(end)) {
              return Optional.empty();
            }
          }
        }
      }
    }
  }

  @Override
  public Retention retention() {
    return session.call("look at the replication slot " + slot.name(), slot::retention);
  }

  @Override
  public void demandWhole() {
    session.call(
        "look at what is published",
        connection -> {
          published.demandWhole(connection, tables.inUse());
          return true;
        });
  }

  @Override
  public void giveUp() {
    slot.drop();
  }

  @Override
  public void close() {
    session.close();
  }
}
