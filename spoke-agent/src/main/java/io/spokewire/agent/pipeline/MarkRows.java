package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.id.BarrierId;

/**
 * Commits barrier marks where capture meets them, over one connection that is kept. Used by the
 * control loop's thread.
 */
public final class MarkRows implements BarrierMarks, AutoCloseable {
  private final Session session;
  private final MarkerSeal seal;
  private final MarkRow row;

  /**
   * @param row how a mark is written
   */
  public MarkRows(LocalDatabase database, MarkerSeal seal, MarkRow row) {
    this.session = new Session(database);
    this.seal = seal;
    this.row = row;
  }

  @Override
  public void mark(BarrierId barrier) {
    session.call(
        "commit a barrier's mark",
        connection -> {
          row.write(connection, seal.seal(barrier));
          return true;
        });
  }

  @Override
  public void close() {
    session.close();
  }
}
