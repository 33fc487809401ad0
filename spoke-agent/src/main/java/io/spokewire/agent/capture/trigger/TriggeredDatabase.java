package io.spokewire.agent.capture.trigger;

import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;

/** A database whose triggers log what is written, as capture reads it. Safe from any thread. */
public interface TriggeredDatabase {
  /** Where sessions come from. */
  LocalDatabase database();

  /** The log over this connection. */
  ChangeLog log(Connection connection);

  /**
   * Reads batches.
   *
   * @param connection for the reader alone until it is closed, in autocommit mode; the caller's
   * @param session for what must not disturb the reading of a batch; the caller's
   * @param after where events are wanted from
   * @param batch the last one that lies before that place as a whole
   * @throws io.spokewire.common.fault.Fault NEGATIVE if that batch's end is not known
   */
  BatchReader reader(Connection connection, Session session, SourcePosition after, long batch)
      throws SQLException;
}
