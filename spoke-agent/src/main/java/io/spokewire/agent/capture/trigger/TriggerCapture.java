package io.spokewire.agent.capture.trigger;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Opens the changes of one database as its triggers logged them. Safe from any thread. */
public final class TriggerCapture implements ChangeSource.Factory {
  private final TriggeredDatabase triggered;
  private final TimeSource time;

  public TriggerCapture(TriggeredDatabase triggered, TimeSource time) {
    this.triggered = triggered;
    this.time = time;
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    LocalDatabase database = triggered.database();
    Session session = new Session(database);
    Connection connection = null;
    try {
      connection = database.connect();
      return new TriggerSource(triggered, connection, session, time, after);
    } catch (SQLException e) {
      release(session, connection);
      throw database.fault("open the change log", e);
    } catch (RuntimeException e) {
      release(session, connection);
      throw e;
    }
  }

  static void release(Session session, @Nullable Connection connection) {
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
