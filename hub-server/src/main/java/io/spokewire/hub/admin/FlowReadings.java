package io.spokewire.hub.admin;

import io.spokewire.common.id.TableName;
import java.util.List;

/**
 * What flows through the hub, measured by whoever moves it. Read by status, a few times a second at
 * most. Safe from any thread; a reading is a copy.
 */
public interface FlowReadings {
  /** Each table that flows, by name. */
  List<TableFlow> tables();

  Rates throughput();

  Day last24Hours();

  /**
   * @param lagMicros age of the oldest change of the table that some receiving spoke has not
   *     applied
   * @param records row changes synchronised since the table began to flow
   */
  record TableFlow(TableName table, long lagMicros, long records) {}

  /** Row changes per second: now, on average, and at most since the hub started. */
  record Rates(double current, double average, double peak) {}

  /** Row changes synchronised and errors met in the last 24 hours. */
  record Day(long records, long errors) {}
}
