package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.agent.schema.LocalTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** One engine's triggers on the plan's tables, and the log that they write. From any thread. */
public interface Triggering {
  ChangeLog log(Connection connection);

  /**
   * Compares the triggers that there are with those that there were.
   *
   * @param inUse the plan's tables
   * @throws io.spokewire.common.fault.Fault NEGATIVE if changes of them may have been left out
   */
  void demandWhole(Connection connection, Collection<LocalTable> inUse) throws SQLException;

  /** Drops every trigger of ours. */
  void drop(Connection connection) throws SQLException;
}
