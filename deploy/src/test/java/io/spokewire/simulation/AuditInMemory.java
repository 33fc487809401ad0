package io.spokewire.simulation;

import io.spokewire.common.id.Position;
import io.spokewire.hub.audit.ConflictProjection;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.LogEntry.Verdict;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The conflict audit without a disk; says when a conflict comes twice (I6). */
final class AuditInMemory implements ConflictProjection {
  private final World world;
  private final KillSwitch kill;
  private final Kept kept;

  /** What survives the hub. */
  static final class Kept {
    private final Map<ConflictId, ConflictRecord> conflicts = new LinkedHashMap<>();
    private final Map<ConflictId, Verdict> ruled = new HashMap<>();
    private Position through;

    int size() {
      return conflicts.size();
    }

    /** In the order of the log. */
    List<ConflictId> ids() {
      return List.copyOf(conflicts.keySet());
    }

    ConflictRecord record(ConflictId id) {
      return conflicts.get(id);
    }

    /** Whether it waits for a person. */
    boolean isOpen(ConflictId id) {
      return conflicts.get(id).open() && !ruled.containsKey(id);
    }

    boolean isReverted(ConflictId id) {
      return ruled.get(id) == Verdict.REVERTED;
    }
  }

  AuditInMemory(World world, KillSwitch kill, Kept kept) {
    this.world = world;
    this.kill = kill;
    this.kept = kept;
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void prepare() {}

  @Override
  public Instant latestIn(Position log) {
    return Instant.EPOCH;
  }

  @Override
  public Position projectedThrough(Position log) {
    return kept.through == null ? log.at(0) : kept.through;
  }

  @Override
  public boolean knows(Position log) {
    return kept.through != null;
  }

  @Override
  public void beginAfter(Position position) {
    world.verdict.violation("I6", "the audit begins at " + position);
    kept.through = position;
  }

  @Override
  public void project(Position after, Instant latest, List<LogEntry> entries) {
    kill.point();
    Position through = after;
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.OutcomePart || !entry.position().isAfter(after)) {
        continue;
      }
      if (entry instanceof LogEntry.Outcome outcome) {
        int ordinal = 0;
        for (ConflictRecord conflict : outcome.conflicts()) {
          project(new ConflictId(entry.position(), ordinal++), conflict);
        }
      } else if (entry instanceof LogEntry.Ruling ruling) {
        ruling.conflicts().forEach(ruled -> rule(ruled.conflict(), ruling.verdict()));
      }
      through = entry.position();
    }
    kept.through = through;
    kill.point();
  }

  private void project(ConflictId id, ConflictRecord c) {
    if (kept.conflicts.putIfAbsent(id, c) != null) {
      world.verdict.violation("I6", "audited twice: " + id + " of " + c.table() + " " + c.field());
    }
  }

  private void rule(ConflictId id, Verdict verdict) {
    if (!kept.conflicts.containsKey(id)) {
      world.verdict.violation("I6", "a ruling on " + id + ", which is not in the audit");
    }
    kept.ruled.put(id, verdict);
  }

  @Override
  public void projected(Position through, Instant latest) {
    kill.point();
    kept.through = through;
  }

  @Override
  public int prune(Instant before, int most) {
    return 0;
  }
}
