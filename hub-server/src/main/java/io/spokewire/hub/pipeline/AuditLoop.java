package io.spokewire.hub.pipeline;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.ConflictProjection;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Notices.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * log → audit: projects the conflicts of one channel's log into the audit, behind the sequencer and
 * out of its way. Each step takes a run of entries that is bounded in number, bytes and conflicts;
 * the latest come from memory.
 *
 * <p>Most runs hold no conflict: then nothing has to be written, and how far the audit has come is
 * made durable now and then only. After a crash those entries are looked at again.
 *
 * <p>{@link #projectedThrough} and {@link #durableThrough} are safe from any thread.
 */
public final class AuditLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLoop.class);
  private static final int PRUNE_STEP = 200;
  private static final long PRUNE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int RUN_ENTRIES = 2_000;
  private static final int RUN_CONFLICTS = 2_000;
  private static final long RUN_BYTES = 8 << 20;
  private static final long DURABLE_NANOS = 1_000_000_000L;

  private static final Subject SUBJECT = new Subject("audit", "");
  private static final Subject MANY = new Subject("conflicts", "");

  private final HubStore store;
  private final LogTail tail;
  private final ConflictProjection audit;
  private final Supplier<AuditPolicy> policy;
  private final HourlyCount recent = new HourlyCount();
  private final Notices notices;
  private final TimeSource time;
  private volatile Position through; // everything for the audit up to here is durably in it
  private Instant latest = Instant.EPOCH; // commit up to there
  private boolean begun;
  private long lastDurableNanos;
  private long lastPrune;

  /**
   * @param tail the log's latest entries, those that are durable
   * @param policy what holds now
   */
  public AuditLoop(
      HubStore store,
      LogTail tail,
      ConflictProjection audit,
      Supplier<AuditPolicy> policy,
      Notices notices,
      TimeSource time) {
    this.store = store;
    this.tail = tail;
    this.audit = audit;
    this.policy = policy;
    this.notices = notices;
    this.time = time;
    this.lastPrune = time.nanos() - PRUNE_NANOS;
    this.through = store.head().at(0);
    this.lastDurableNanos = time.nanos();
    if (audit.isReady()) {
      begin();
    }
  }

  /** From where the audit is; it may be away when the hub starts. */
  private void begin() {
    through = audit.projectedThrough(through);
    latest = audit.latestIn(through);
    begun = true;
  }

  @Override
  public String name() {
    return "audit";
  }

  /** The last position up to which every conflict is durably in the audit. */
  public Position projectedThrough() {
    return through;
  }

  /** The last position that is not looked at again after a restart: trimming stops there. */
  public Position durableThrough() {
    return audit.projectedThrough(through);
  }

  /** While the audit can't be written, all that is for it stays in the log. */
  @Override
  public int doWork() {
    try {
      int done = step();
      notices.clear(SUBJECT);
      return done;
    } catch (Fault fault) {
      if (fault.healsByItself()) {
        notices.raise(
            SUBJECT,
            new Notice(
                Gravity.WARNING,
                "the conflict audit waits, "
                    + (store.head().number() - through.number())
                    + " log entries are not in it yet and stay in the log: "
                    + audit
                    + ": "
                    + fault.reason(),
                fault.hint()));
      }
      throw fault;
    }
  }

  private int step() {
    if (!begun) {
      audit.prepare();
      begin();
    }
    Position head = store.head();
    if (through.isAfter(head)) {
      throw Fault.invariant(
          "audit", "conflicts are projected through " + through + " but the log ends at " + head);
    }
    Position trimmed = store.trimmedThrough();
    if (trimmed.isAfter(through)) {
      skipTo(trimmed);
      return 1;
    }
    List<LogEntry> run = nextRun(head);
    if (!run.isEmpty()) {
      project(run);
    } else if (through.isAfter(durableThrough()) && isTimeToBeDurable()) {
      makeDurable();
    }
    tellOfMany();
    return run.isEmpty() ? prune() : run.size();
  }

  /** While there is nothing else to do, in small steps. */
  private int prune() {
    if (time.nanos() - lastPrune < PRUNE_NANOS) {
      return 0;
    }
    int pruned = audit.prune(time.instant().minus(policy.get().retention()), PRUNE_STEP);
    if (pruned < PRUNE_STEP) {
      lastPrune = time.nanos();
    }
    return pruned;
  }

  /** Conflicts found since this process began, so that a restart says nothing too much. */
  private void tellOfMany() {
    long found = recent.lastHour(time.instant());
    int most = policy.get().alertAbove().orElse(Integer.MAX_VALUE);
    if (found > most) {
      notices.raise(
          MANY,
          new Notice(
              Gravity.WARNING,
              found + " conflicts within the last hour, the plan's threshold is " + most,
              "syncadm conflicts stats --since 1h says where; conflict_log.alerting.threshold sets"
                  + " when this is said"));
    } else {
      notices.clear(MANY);
    }
  }

  private static int conflictsOf(List<LogEntry> run) {
    return run.stream()
        .mapToInt(entry -> entry instanceof LogEntry.Outcome o ? o.conflicts().size() : 0)
        .sum();
  }

  private void project(List<LogEntry> run) {
    Position last = run.getLast().position();
    if (run.stream().anyMatch(AuditLoop::isForAudit)) {
      audit.project(through, latest, run);
      recent.add(conflictsOf(run), time.instant());
      lastDurableNanos = time.nanos();
    }
    latest = ConflictAudit.latest(run, latest);
    through = last;
    if (isTimeToBeDurable()) {
      makeDurable();
    }
  }

  private boolean isTimeToBeDurable() {
    return time.nanos() - lastDurableNanos >= DURABLE_NANOS;
  }

  private void makeDurable() {
    audit.projected(through, latest);
    lastDurableNanos = time.nanos();
  }

  private static boolean isForAudit(LogEntry entry) {
    return entry instanceof LogEntry.Ruling
        || entry instanceof LogEntry.Outcome outcome && !outcome.conflicts().isEmpty();
  }

  private List<LogEntry> nextRun(Position head) {
    if (through.equals(head)) {
      return List.of();
    }
    List<LogEntry> recent = tail.read(through.number(), RUN_ENTRIES, RUN_BYTES);
    Run run = new Run();
    if (recent != null) {
      for (int i = 0; i < recent.size() && run.takesMore(); i++) {
        run.add(recent.get(i));
      }
      return run.entries;
    }
    try (HubStore.EntryReader reader = store.read(through)) {
      while (run.takesMore() && reader.hasNext()) {
        LogEntry entry = reader.next();
        if (!(entry instanceof LogEntry.OutcomePart)) { // its conflicts stand in the outcome
          run.add(entry);
        }
      }
    }
    return run.entries;
  }

  /** Entries in order, and how much they are. */
  private static final class Run {
    final List<LogEntry> entries = new ArrayList<>();
    private long bytes;
    private int conflicts;

    boolean takesMore() {
      return entries.size() < RUN_ENTRIES && bytes < RUN_BYTES && conflicts < RUN_CONFLICTS;
    }

    void add(LogEntry entry) {
      entries.add(entry);
      if (entry instanceof LogEntry.Outcome outcome) {
        bytes += outcome.transaction().rows().bytes().length();
        conflicts += outcome.conflicts().size();
      }
    }
  }

  private void skipTo(Position trimmed) {
    if (audit.knows(trimmed)) {
      throw Fault.of(
              FaultKind.INTERNAL,
              "project conflicts into the audit",
              "the log was trimmed through " + trimmed + ", beyond what the audit holds")
          .hint(
              "put back the latest audit ("
                  + audit
                  + "), or remove it to begin a new one: conflicts between are then known to the"
                  + " backup only")
          .build();
    }
    LOG.warn(
        "the conflict audit is new and begins at {}: conflicts before it are not in it", trimmed);
    audit.beginAfter(trimmed);
    through = trimmed;
  }
}
