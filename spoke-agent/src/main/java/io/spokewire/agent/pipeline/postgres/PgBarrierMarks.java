package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgSession;
import io.spokewire.common.id.BarrierId;
import java.sql.PreparedStatement;

/**
 * Commits barrier marks as sealed logical messages, over one connection that is kept. Used by the
 * control loop's thread.
 */
public final class PgBarrierMarks implements BarrierMarks, AutoCloseable {
  private final PgSession session;
  private final MarkerSeal seal;

  public PgBarrierMarks(PgDatabase database, MarkerSeal seal) {
    this.session = new PgSession(database);
    this.seal = seal;
  }

  @Override
  public void mark(BarrierId barrier) {
    session.call(
        "commit a barrier's mark",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, MarkerSeal.PREFIX);
            statement.setBytes(2, seal.seal(barrier).toByteArray());
            return statement.execute();
          }
        });
  }

  @Override
  public void close() {
    session.close();
  }
}
