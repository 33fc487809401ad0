package io.spokewire.agent.pipeline.mysql;

import io.spokewire.agent.capture.mysql.MyChangeLog;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.common.id.BarrierId;
import java.sql.PreparedStatement;

/**
 * Commits barrier marks as rows of {@code spokewire.barrier}, or in the change log where triggers
 * capture, over one connection that is kept. Used by the control loop's thread.
 */
public final class MyBarrierMarks implements BarrierMarks, AutoCloseable {
  private final Session session;
  private final MarkerSeal seal;
  private final boolean byTriggers;

  public MyBarrierMarks(MyDatabase database, MarkerSeal seal, boolean byTriggers) {
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
            MyChangeLog.mark(connection, mark);
            return true;
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "REPLACE INTO spokewire.barrier (id, mark) VALUES (1, ?)")) {
            statement.setBytes(1, mark);
            return statement.executeUpdate() > 0;
          }
        });
  }

  @Override
  public void close() {
    session.close();
  }
}
