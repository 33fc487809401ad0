package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.capture.postgres.PgChangeLog;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.common.id.BarrierId;
import java.sql.PreparedStatement;

/**
 * Commits barrier marks as sealed logical messages, or in the change log where triggers capture,
 * over one connection that is kept. Used by the control loop's thread.
 */
public final class PgBarrierMarks implements BarrierMarks, AutoCloseable {
  private final Session session;
  private final MarkerSeal seal;
  private final boolean byTriggers;

  public PgBarrierMarks(PgDatabase database, MarkerSeal seal, boolean byTriggers) {
    this.session = new Session(database);
    this.seal = seal;
    this.byTriggers = byTriggers;
  }

  @Override
  public void mark(BarrierId barrier) {
    session.call(
        "commit a barrier's mark",
        connection -> {
          byte[] mark = seal.seal(barrier).toByteArray();
          if (byTriggers) {
            PgChangeLog.mark(connection, mark);
            return true;
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, MarkerSeal.PREFIX);
            statement.setBytes(2, mark);
            return statement.execute();
          }
        });
  }

  @Override
  public void close() {
    session.close();
  }
}
