package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.schema.postgres.PgSession;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Supplier;

/** Capture by the spoke's own slot. */
public final class PgCaptureSite implements CaptureSite, AutoCloseable {
  private final PgDatabase database;
  private final PgSlot slot;
  private final PgTables tables;
  private final PgSession session;
  private final Supplier<ChangeSource.Factory> sources;

  /**
   * @param tables knows what is published of them
   * @param sources makes a factory for the tables that are in use when it is asked
   */
  public PgCaptureSite(
      PgDatabase database, PgSlot slot, PgTables tables, Supplier<ChangeSource.Factory> sources) {
    this.database = database;
    this.slot = slot;
    this.tables = tables;
    this.session = new PgSession(database);
    this.sources = sources;
  }

  @Override
  public ChangeSource.Factory sources() {
    return sources.get();
  }

  @Override
  public SourcePosition confirmed() {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT (confirmed_flush_lsn - '0/0'::pg_lsn)::bigint FROM pg_replication_slots"
                    + " WHERE slot_name = ? AND confirmed_flush_lsn IS NOT NULL")) {
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
  public Retention retention() {
    return session.call("look at the replication slot " + slot.name(), slot::retention);
  }

  @Override
  public void demandWhole() {
    session.call(
        "look at what is published",
        connection -> {
          tables.demandPublished(connection);
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
