package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** Has tables captured, by one method or another. */
interface PgTableCapture {
  /**
   * Has the tables of a plan captured that are not yet, as far as the role may.
   *
   * @param defaultSchema which patterns without a schema mean
   * @return those that it may not
   */
  List<TableReport.Problem> take(
      Connection connection, String defaultSchema, Collection<LocalTable> tables)
      throws SQLException;

  /** What the agent can't have captured by itself once the plan is applied. */
  List<TableReport.Problem> lacking(Connection connection, Collection<LocalTable> tables)
      throws SQLException;

  /**
   * Compares what is captured now with what was.
   *
   * @param inUse the plan's tables
   * @throws Fault NEGATIVE if changes of them are, or may have been, left out
   */
  void demandWhole(Connection connection, Collection<LocalTable> inUse) throws SQLException;
}
