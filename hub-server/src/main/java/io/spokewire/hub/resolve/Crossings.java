package io.spokewire.hub.resolve;

import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import java.util.List;

/** Where a transaction collides with rows it did not write, and what the hub writes about it. */
public final class Crossings {
  /** It collides with nothing. */
  public static final Crossings NONE = new Crossings(List.of(), new ClockBook(), PlanVersion.NONE);

  private final List<Collision> collisions;
  private final ClockBook clocks;
  private final PlanVersion rules;

  Crossings(List<Collision> collisions, ClockBook clocks, PlanVersion rules) {
    this.collisions = List.copyOf(collisions);
    this.clocks = clocks;
    this.rules = rules;
  }

  /** What the hub writes in its own name, in this order. */
  public List<RowChange> writes() {
    return collisions.stream().flatMap(c -> c.writes().stream()).toList();
  }

  /**
   * The records of the conflicts.
   *
   * @param position the one that the transaction got
   */
  public List<ConflictRecord> conflicts(Transaction transaction, Position position) {
    if (collisions.isEmpty()) {
      return List.of();
    }
    return conflicts(Resolver.markOf(transaction, position));
  }

  /**
   * @param mark of the arriving write
   */
  List<ConflictRecord> conflicts(Mark mark) {
    VectorClock clock = clocks.clockOf(mark);
    return collisions.stream().map(c -> record(c, mark, clock)).toList();
  }

  private ConflictRecord record(Collision c, Mark mark, VectorClock clock) {
    boolean ofRow = c.field().equals(ConflictRecord.EXISTENCE);
    Mark met = c.met().mark;
    RowWrite arriving = c.arriving();
    RowWrite other = c.met().write;
    return new ConflictRecord(
        c.schema().table(),
        c.schema().id(),
        c.about(),
        c.field(),
        c.kind(),
        c.base(),
        new ConflictWrite(
            mark.spoke(),
            mark.sequence(),
            mark.position(),
            mark.time(),
            clock,
            arriving.shape.schema.id(),
            arriving.key,
            ofRow ? Collision.existence(arriving) : arriving.valueOf(c.field()),
            c.arrivingRow()),
        new ConflictWrite(
            met.spoke(),
            met.sequence(),
            met.position(),
            met.time(),
            clocks.clockOf(met),
            other.shape.schema.id(),
            other.key,
            ofRow ? Collision.existence(other) : other.valueOf(c.field()),
            c.metRow()),
        List.of(),
        c.rule(),
        rules,
        c.result(),
        c.open());
  }
}
