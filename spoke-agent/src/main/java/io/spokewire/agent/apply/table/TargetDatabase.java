package io.spokewire.agent.apply.table;

import io.spokewire.common.fault.Fault;
import java.sql.SQLException;

/** What apply needs of an engine. Immutable; called from the apply thread. */
public interface TargetDatabase {
  /**
   * Connects, makes what is missing in {@code spokewire}, claims the database for the site's agent,
   * and pins every setting that changes what a value means.
   *
   * @throws Fault REFUSED if the database belongs to another agent
   */
  TargetSession open(ApplySite site) throws SQLException;

  /** What a failed statement means. */
  Refusal refusal(SQLException e);

  /** What it means that {@link #open} failed. */
  Fault unopened(SQLException e);
}
