package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.BatchReader;
import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.agent.capture.trigger.TriggeredDatabase;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;

/**
 * One database of a MySQL or MariaDB server whose triggers log what is written. Safe from any
 * thread.
 */
public final class MyTriggeredDatabase implements TriggeredDatabase {
  private final MyDatabase database;
  private final TableScope scope;
  private final AgreedTypes agreed;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final TimeSource time;

  /**
   * @param isNew as for {@link MyCapture}
   * @param spools for what reads here alone
   */
  public MyTriggeredDatabase(
      MyDatabase database,
      TableScope scope,
      AgreedTypes agreed,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      TimeSource time) {
    this.database = database;
    this.scope = scope;
    this.agreed = agreed;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
    this.time = time;
  }

  @Override
  public LocalDatabase database() {
    return database;
  }

  @Override
  public ChangeLog log(Connection connection) {
    return new MyChangeLog(connection);
  }

  @Override
  public BatchReader reader(
      Connection connection, Session session, SourcePosition after, long batch)
      throws SQLException {
    MyChangeLog log = new MyChangeLog(connection);
    IdSnapshot seen = log.demandSnapshot(batch);
    return new MyBatchReader(
        log,
        new LoggedShapes(database, session, scope, agreed, time),
        new HoleWatch(log, time),
        seal,
        isNew,
        new RowSpool(spools),
        seen,
        after);
  }
}
