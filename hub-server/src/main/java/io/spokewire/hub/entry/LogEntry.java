package io.spokewire.hub.entry;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SpokeId;
import java.util.List;

/**
 * Everything that needs a place in the order. Immutable; results are logged, rules are never run
 * again on replay.
 */
public sealed interface LogEntry {
  Position position();

  /**
   * A transaction and what became of it. Rows without a {@link RowResolution} met no sibling: they
   * go to every other spoke as they are, and nothing goes to the origin.
   *
   * @param transaction as it was received; of a staged one, the last chunk's rows
   * @param resolutions for the rows of {@code transaction.rows()} that need one, by ascending index
   * @param conflicts one per conflicting field, in all parts of a staged transaction
   */
  record Outcome(
      Position position,
      Transaction transaction,
      List<RowResolution> resolutions,
      List<ConflictRecord> conflicts)
      implements LogEntry {
    public Outcome {
      resolutions = List.copyOf(resolutions);
      conflicts = List.copyOf(conflicts);
    }
  }

  /** A chunk of a staged transaction: stored before its {@link Outcome}, visible with it. */
  record OutcomePart(Position position, int index, RowBlock rows, List<RowResolution> resolutions)
      implements LogEntry {
    public OutcomePart {
      resolutions = List.copyOf(resolutions);
    }
  }

  /** From here on this plan holds. */
  record PlanSwitch(Position position, PlanVersion version, String text) implements LogEntry {}

  /** From here on this spoke's rows may come in this shape. */
  record SchemaChange(Position position, SpokeId spoke, TableSchema schema) implements LogEntry {}

  /** A spoke became live: it holds everything up to here. */
  record Join(Position position, SpokeId spoke, Epoch epoch, boolean assumedIdentical)
      implements LogEntry {}

  /**
   * A spoke's database went back in time and takes part again: its writer starts anew under this
   * epoch, and it is sent everything that follows what its database holds.
   *
   * @param after the position number that its database holds
   */
  record EpochChange(Position position, SpokeId spoke, Epoch epoch, long after)
      implements LogEntry {}

  /** Everything committed anywhere before the barrier was asked for is at or before this place. */
  record Barrier(Position position, BarrierId barrier) implements LogEntry {}

  /**
   * A person's word on conflicts settled before. What it changes in rows stands in outcomes of its
   * own; this says why.
   *
   * @param time when it was given
   * @param by who gave it, as the hub knows them
   * @param reason for people; may be empty
   */
  record Ruling(
      Position position,
      Verdict verdict,
      HybridTime time,
      String by,
      String reason,
      List<Ruled> conflicts)
      implements LogEntry {
    public Ruling {
      conflicts = List.copyOf(conflicts);
    }
  }

  /** What a {@link Ruling} is. */
  enum Verdict {
    /** A case that was open is decided. */
    DECIDED,
    /** What was decided is taken back. */
    REVERTED
  }

  /**
   * One conflict of a {@link Ruling}.
   *
   * @param value what the field was given, in the shape of the conflict's record
   */
  record Ruled(ConflictId conflict, FieldImage value) {}
}
