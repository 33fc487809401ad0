package io.spokewire.admin.client;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * How all is.
 *
 * @param status {@code healthy degraded critical}
 * @param head the last position, by channel
 * @param planVersion 0: no plan yet
 * @param notActive parts of the plan that are not acted on yet
 */
public record HubStatus(
    String status,
    String hub,
    Map<String, Long> head,
    int planVersion,
    List<String> notActive,
    List<Spoke> spokes,
    List<TableFlow> tables,
    Throughput throughput,
    LastDay lastDay,
    List<Notice> notices) {
  public HubStatus {
    head = new TreeMap<>(head);
    notActive = List.copyOf(notActive);
    spokes = List.copyOf(spokes);
    tables = List.copyOf(tables);
    notices = List.copyOf(notices);
  }

  /**
   * Something to know of the hub now.
   *
   * @param gravity {@code warning blocking}
   * @param hint what to do about it
   */
  public record Notice(String gravity, String text, String hint) {}

  /**
   * @param status {@code synced behind}
   * @param records row changes synchronised
   */
  public record TableFlow(String table, String status, long lagMicros, long records) {}

  /** Row changes per second. */
  public record Throughput(double current, double average, double peak) {}

  /**
   * The last 24 hours.
   *
   * @param conflicts empty while the hub can't read its audit
   */
  public record LastDay(long recordsSynced, long errors, OptionalLong conflicts) {}
}
