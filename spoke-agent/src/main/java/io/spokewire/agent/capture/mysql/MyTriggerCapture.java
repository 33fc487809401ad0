package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Opens the changes of one database as its triggers logged them. Safe from any thread. */
public final class MyTriggerCapture implements ChangeSource.Factory {
  private final MyDatabase database;
  private final TableScope scope;
  private final AgreedTypes agreed;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final TimeSource time;

  /**
   * @param isNew as for {@link MyCapture}
   * @param spools for this source alone
   */
  public MyTriggerCapture(
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
  public ChangeSource open(SourcePosition after) {
    Session session = new Session(database);
    Connection connection = null;
    try {
      connection = database.connect();
      return new MyTriggerSource(
          database,
          connection,
          session,
          new LoggedShapes(database, session, scope, agreed, time),
          seal,
          isNew,
          spools,
          time,
          after);
    } catch (SQLException e) {
      release(session, connection);
      throw MyFaults.of("open the change log", database, e);
    } catch (RuntimeException e) {
      release(session, connection);
      throw e;
    }
  }

  private static void release(Session session, @Nullable Connection connection) {
    session.close();
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // The server notices by itself.
      }
    }
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return a.token().compareTo(b.token());
  }
}
