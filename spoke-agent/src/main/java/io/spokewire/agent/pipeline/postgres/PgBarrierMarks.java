package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.id.BarrierId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Commits barrier marks as sealed logical messages, over one connection that is kept. Used by the
 * control loop's thread.
 */
public final class PgBarrierMarks implements BarrierMarks, AutoCloseable {
  private final PgDatabase database;
  private final MarkerSeal seal;
  private @Nullable Connection connection;

  public PgBarrierMarks(PgDatabase database, MarkerSeal seal) {
    this.database = database;
    this.seal = seal;
  }

  @Override
  public void mark(BarrierId barrier) {
    try {
      Connection open = connection;
      if (open == null || open.isClosed()) {
        open = database.connect();
        connection = open;
      }
      try (PreparedStatement statement =
          open.prepareStatement("SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)")) {
        statement.setString(1, MarkerSeal.PREFIX);
        statement.setBytes(2, seal.seal(barrier).toByteArray());
        statement.execute();
      }
    } catch (SQLException e) {
      close();
      throw PgFaults.of("commit a barrier's mark", database, e);
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // It is given up either way.
      }
    }
  }
}
