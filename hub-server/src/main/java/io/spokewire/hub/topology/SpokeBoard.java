package io.spokewire.hub.topology;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What each spoke's session last showed: the live half of its state, gone with the process.
 * Sessions write, status and metrics read. Safe from any thread.
 */
public final class SpokeBoard {
  private final Map<SpokeId, Reading> readings = new ConcurrentHashMap<>();

  public Reading of(SpokeId spoke) {
    return readings.getOrDefault(spoke, Reading.NOTHING_YET);
  }

  public void update(SpokeId spoke, UnaryOperator<Reading> change) {
    readings.compute(
        spoke, (id, before) -> change.apply(before == null ? Reading.NOTHING_YET : before));
  }

  /** What all spokes said of their tables last, spoke after spoke. */
  public List<TableDescription> tables() {
    return readings.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(reading -> reading.getValue().tables().stream())
        .toList();
  }

  public void forget(SpokeId spoke) {
    readings.remove(spoke);
  }

  /**
   * @param applied log position number that the spoke's database durably holds
   * @param outboxPending transactions captured and not acknowledged
   * @param retainedLogBytes how much of its log the source keeps for us
   * @param lagMicros age of the oldest entry it has not applied; 0 when it has all
   * @param parked rows set aside
   * @param kept values kept off by the site's own pending writes
   * @param fault what is wrong at the agent now; empty when all is well
   * @param clockOffsetMicros the agent's clock minus the hub's, estimated
   * @param capture how its changes are captured; empty if it sends none
   */
  public record Reading(
      boolean connected,
      long applied,
      long outboxPending,
      long retainedLogBytes,
      long lagMicros,
      long parked,
      long kept,
      String fault,
      String faultHint,
      long clockOffsetMicros,
      String engineVersion,
      String capture,
      List<TableDescription> tables,
      List<String> tableProblems) {
    static final Reading NOTHING_YET =
        new Reading(false, 0, 0, 0, 0, 0, 0, "", "", 0, "", "", List.of(), List.of());

    public Reading {
      tables = List.copyOf(tables);
      tableProblems = List.copyOf(tableProblems);
    }

    public Reading withConnected(boolean nowConnected) {
      return new Reading(
          nowConnected,
          applied,
          outboxPending,
          retainedLogBytes,
          lagMicros,
          parked,
          kept,
          fault,
          faultHint,
          clockOffsetMicros,
          engineVersion,
          capture,
          tables,
          tableProblems);
    }

    public Reading withEngine(String version, String method) {
      return new Reading(
          connected,
          applied,
          outboxPending,
          retainedLogBytes,
          lagMicros,
          parked,
          kept,
          fault,
          faultHint,
          clockOffsetMicros,
          version,
          method,
          tables,
          tableProblems);
    }

    public Reading withApplied(long position, long rowsParked, long valuesKept) {
      return new Reading(
          connected,
          position,
          outboxPending,
          retainedLogBytes,
          lagMicros,
          rowsParked,
          valuesKept,
          fault,
          faultHint,
          clockOffsetMicros,
          engineVersion,
          capture,
          tables,
          tableProblems);
    }

    public Reading withOutbox(long pending, long retainedBytes, long offsetMicros) {
      return new Reading(
          connected,
          applied,
          pending,
          retainedBytes,
          lagMicros,
          parked,
          kept,
          fault,
          faultHint,
          offsetMicros,
          engineVersion,
          capture,
          tables,
          tableProblems);
    }

    public Reading withLag(long micros) {
      return new Reading(
          connected,
          applied,
          outboxPending,
          retainedLogBytes,
          micros,
          parked,
          kept,
          fault,
          faultHint,
          clockOffsetMicros,
          engineVersion,
          capture,
          tables,
          tableProblems);
    }

    public Reading withFault(String what, String hint) {
      return new Reading(
          connected,
          applied,
          outboxPending,
          retainedLogBytes,
          lagMicros,
          parked,
          kept,
          what,
          hint,
          clockOffsetMicros,
          engineVersion,
          capture,
          tables,
          tableProblems);
    }

    public Reading withTables(List<TableDescription> described, List<String> problems) {
      return new Reading(
          connected,
          applied,
          outboxPending,
          retainedLogBytes,
          lagMicros,
          parked,
          kept,
          fault,
          faultHint,
          clockOffsetMicros,
          engineVersion,
          capture,
          described,
          problems);
    }
  }
}
