package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.TableName;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values in protected tables that were neither the hub's nor written by a transaction that capture
 * saw. They were overwritten with the hub's; counted and logged, and an alarm as long as this
 * process lives, because whatever writes past the log may do it again. Safe from any thread.
 */
public final class DriftAlarm implements ApplyEvents {
  private static final Logger LOG = LoggerFactory.getLogger(DriftAlarm.class);

  private final Map<TableName, Integer> times = new TreeMap<>();
  private @Nullable Fault alarm;

  @Override
  public void drifted(TableName table, String field) {
    LOG.warn(
        "{}.{} held another value than the hub and nobody wrote it: overwritten", table, field);
    count(table);
  }

  /** What is to be told; null while there was none. */
  public synchronized @Nullable Fault alarm() {
    return alarm;
  }

  private synchronized void count(TableName table) {
    times.merge(table, 1, Integer::sum);
    StringBuilder tables = new StringBuilder();
    times.forEach(
        (name, n) -> tables.append(tables.isEmpty() ? "" : ", ").append(name + " (" + n + ")"));
    alarm =
        Fault.of(
                FaultKind.NEGATIVE,
                "keep sites equal",
                "values that no captured transaction wrote were overwritten with the hub's, in "
                    + tables)
            .hint(
                "find what writes past the log here (triggers that fire for replicas, sessions with"
                    + " session_replication_role, restored tables); then restart this agent to end"
                    + " the alarm")
            .build();
  }
}
