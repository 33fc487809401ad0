package io.spokewire.simulation;

import io.spokewire.common.id.Position;
import io.spokewire.hub.audit.ConflictProjection;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The conflict audit without a disk; says when a conflict comes twice (I6). */
final class AuditInMemory implements ConflictProjection {
  private final World world;
  private final KillSwitch kill;
  private final Kept kept;

  /** What survives the hub. */
  static final class Kept {
    private final Set<String> conflicts = new HashSet<>();
    private Position through;

    int size() {
      return conflicts.size();
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
        outcome.conflicts().forEach(c -> project(entry.position(), c));
      }
      through = entry.position();
    }
    kept.through = through;
    kill.point();
  }

  private void project(Position position, ConflictRecord c) {
    String id = position + " " + c.table() + " " + c.key() + " " + c.field();
    if (!kept.conflicts.add(id)) {
      world.verdict.violation("I6", "audited twice: " + id);
    }
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
