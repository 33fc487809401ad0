package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.TableMap;
import io.spokewire.common.id.TableName;

/**
 * The tables of this database that the plan means, for control, capture and apply. One
 * implementation per engine.
 *
 * <p>Threading: {@code check} and {@code take} by the control loop; the rest by any.
 */
public interface SiteTables extends LocalTables, TableMap {
  /** Whether the plan protects this site's own pending writes to the table. */
  boolean protects(TableName table);
}
