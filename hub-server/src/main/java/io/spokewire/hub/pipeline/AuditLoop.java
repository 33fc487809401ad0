package io.spokewire.hub.pipeline;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.log.HubStore;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * log → audit: projects the conflicts of one channel's log into the audit, behind the sequencer and
 * out of its way. Each step takes a run of entries that is bounded in number, bytes and conflicts.
 *
 * <p>{@link #projectedThrough} is safe from any thread: trimming stops there, and "converged" waits
 * for it.
 */
public final class AuditLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLoop.class);
  private static final int RUN_ENTRIES = 2_000;
  private static final int RUN_CONFLICTS = 2_000;
  private static final long RUN_BYTES = 8 << 20;

  private final HubStore store;
  private final ConflictAudit audit;

  public AuditLoop(HubStore store, ConflictAudit audit) {
    this.store = store;
    this.audit = audit;
  }

  @Override
  public String name() {
    return "audit";
  }

  /** The last position whose conflicts are durably in the audit. */
  public Position projectedThrough() {
    return audit.projectedThrough(store.head());
  }

  @Override
  public int doWork() {
    Position head = store.head();
    Position through = audit.projectedThrough(head);
    if (through.equals(head)) {
      return 0;
    }
    if (through.isAfter(head)) {
      throw Fault.invariant(
          "audit", "conflicts are projected through " + through + " but the log ends at " + head);
    }
    Position trimmed = store.trimmedThrough();
    if (trimmed.isAfter(through)) {
      skipTo(trimmed);
      return 1;
    }
    List<LogEntry> run = nextRun(through);
    audit.project(run);
    return run.size();
  }

  private List<LogEntry> nextRun(Position after) {
    List<LogEntry> run = new ArrayList<>();
    long bytes = 0;
    int conflicts = 0;
    try (HubStore.EntryReader reader = store.read(after)) {
      while (run.size() < RUN_ENTRIES
          && bytes < RUN_BYTES
          && conflicts < RUN_CONFLICTS
          && reader.hasNext()) {
        LogEntry entry = reader.next();
        switch (entry) {
          case LogEntry.Outcome outcome -> {
            bytes += outcome.transaction().rows().bytes().length();
            conflicts += outcome.conflicts().size();
            run.add(outcome);
          }
          case LogEntry.OutcomePart part -> {} // its conflicts stand in the outcome
          case LogEntry.PlanSwitch plan -> run.add(plan);
          case LogEntry.SchemaChange schema -> run.add(schema);
          case LogEntry.Join join -> run.add(join);
          case LogEntry.EpochChange epoch -> run.add(epoch);
          case LogEntry.Barrier barrier -> run.add(barrier);
        }
      }
    }
    return run;
  }

  private void skipTo(Position trimmed) {
    if (audit.knows(trimmed)) {
      throw Fault.of(
              FaultKind.INTERNAL,
              "project conflicts into the audit",
              "the log was trimmed through " + trimmed + ", beyond what the audit holds")
          .hint(
              "put back the latest audit.db, or remove it to begin a new audit: conflicts between"
                  + " are then known to the backup only")
          .build();
    }
    LOG.warn(
        "the conflict audit is new and begins at {}: conflicts before it are not in it", trimmed);
    audit.beginAfter(trimmed);
  }
}
