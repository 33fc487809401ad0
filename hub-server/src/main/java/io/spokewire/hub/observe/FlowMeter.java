package io.spokewire.hub.observe;

import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * Counts what flows, since the process started. The loops write, metrics and status read. Safe from
 * any thread; cheap enough to be told once per batch and table.
 */
public final class FlowMeter {
  private final Map<TableCount, LongAdder> synced = new ConcurrentHashMap<>();
  private final Map<TableCount, LongAdder> errors = new ConcurrentHashMap<>();
  private final Map<TableCount, LongAdder> conflicts = new ConcurrentHashMap<>();
  private final Map<Job, Long> lagMicros = new ConcurrentHashMap<>();

  /** A table with what is counted of it: an operation, a type of error, a strategy. */
  public record TableCount(TableName table, String what) {}

  /** A table's way from one spoke to another. */
  public record Job(TableName table, SpokeId source, SpokeId target) {
    /** {@code SOURCE->TARGET}. */
    public String label() {
      return source + "->" + target;
    }
  }

  /**
   * Row changes logged by the hub; {@code operation} is {@code insert}, {@code update} or {@code
   * delete}.
   */
  public void synced(TableName table, String operation, long rows) {
    count(synced, table, operation, rows);
  }

  /** Something went wrong with a table's row. */
  public void failed(TableName table, String errorType) {
    count(errors, table, errorType, 1);
  }

  /** Conflicting fields settled by a strategy. */
  public void conflicts(TableName table, String strategy, long fields) {
    count(conflicts, table, strategy, fields);
  }

  /** Age of the oldest change of the table from source that target has not applied; 0 when none. */
  public void lag(Job job, long micros) {
    lagMicros.put(job, micros);
  }

  /** Forgets a spoke that was removed. */
  public void forget(SpokeId spoke) {
    lagMicros.keySet().removeIf(job -> job.source().equals(spoke) || job.target().equals(spoke));
  }

  public Map<TableCount, Long> synced() {
    return reading(synced);
  }

  public Map<TableCount, Long> errors() {
    return reading(errors);
  }

  public Map<TableCount, Long> conflicts() {
    return reading(conflicts);
  }

  public Map<Job, Long> lagMicros() {
    return Map.copyOf(lagMicros);
  }

  private static void count(
      Map<TableCount, LongAdder> counts, TableName table, String what, long more) {
    counts.computeIfAbsent(new TableCount(table, what), key -> new LongAdder()).add(more);
  }

  private static Map<TableCount, Long> reading(Map<TableCount, LongAdder> counts) {
    return counts.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> e.getValue().sum()));
  }
}
