package io.spokewire.simulation;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.Tuple;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry.Verdict;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A person who looks at the audit now and then, decides what waits for a decision, and takes back
 * some of what was settled or decided. What rows are made of stays: the sums, the lineages, and
 * columns that belong together.
 */
final class Arbiter {
  private static final long PACE = 600_000;
  private static final Set<String> FREE =
      Set.of("note", "high", "low", "level", ConflictRecord.EXISTENCE);

  private final World world;
  private final Random random;
  private boolean ended;

  Arbiter(World world, Random random) {
    this.world = world;
    this.random = random;
  }

  void begin() {
    if (world.scenario.features().has(Feature.MANUAL)) {
      beat();
    }
  }

  /** Nothing is decided any more. */
  void end() {
    ended = true;
  }

  private void beat() {
    world.schedule.after(
        random.nextLong(PACE),
        () -> {
          if (!ended) {
            look();
            beat();
          }
        });
  }

  private void look() {
    boolean decides = random.nextInt(3) > 0;
    List<ConflictId> cases =
        world.disk.audit.ids().stream().filter(id -> decides ? isOpen(id) : mayRevert(id)).toList();
    if (cases.isEmpty() || !world.hub().isAlive()) {
      return;
    }
    ConflictId id = cases.get(random.nextInt(cases.size()));
    ConflictRecord record = world.disk.audit.record(id);
    if (decides) {
      decide(id, record);
    } else {
      rule(Verdict.REVERTED, new Amendment(id, record, lost(record), true));
    }
  }

  private boolean isOpen(ConflictId id) {
    return world.disk.audit.isOpen(id);
  }

  private boolean mayRevert(ConflictId id) {
    ConflictRecord record = world.disk.audit.record(id);
    return record.table().equals(Tables.STOCK.table())
        && FREE.contains(record.field())
        && !world.disk.audit.isReverted(id);
  }

  private void decide(ConflictId id, ConflictRecord record) {
    FieldImage value =
        switch (random.nextInt(4)) {
          case 0 -> record.result();
          case 1 -> FieldImage.of(record.source().value());
          case 2 -> FieldImage.of(record.target().value());
          default -> FieldImage.of(typed());
        };
    boolean keeps = value == record.result();
    rule(Verdict.DECIDED, new Amendment(id, record, value, !keeps));
  }

  private Field typed() {
    return Field.ofValue(Bytes.utf8(Integer.toString(100 + random.nextInt(900))));
  }

  private static FieldImage lost(ConflictRecord record) {
    if (record.field().equals(ConflictRecord.EXISTENCE)) {
      boolean isThere = record.result().value().equals(FieldImage.EXISTS);
      return isThere ? FieldImage.NO_ROW : FieldImage.ofRow(takenOut(record));
    }
    return sides(record)
        .filter(side -> !side.value().equals(record.result().value()))
        .findFirst()
        .map(side -> FieldImage.of(side.value()))
        .orElse(record.result());
  }

  /** The row as the side that had made or changed it left it. */
  private static Tuple takenOut(ConflictRecord record) {
    return sides(record)
        .filter(s -> s.value().equals(FieldImage.EXISTS) && s.key().equals(record.key()))
        .findFirst()
        .map(ConflictWrite::row)
        .orElse(record.base().row());
  }

  private static Stream<ConflictWrite> sides(ConflictRecord record) {
    return Stream.of(record.source(), record.target());
  }

  private void rule(Verdict verdict, Amendment amendment) {
    SimulatedHub hub = world.hub();
    hub.enter(
        () ->
            hub.operators()
                .rule(verdict, List.of(amendment), "ann", "")
                .whenComplete((done, fault) -> answered(verdict, amendment, fault)));
  }

  private void answered(Verdict verdict, Amendment amendment, Throwable fault) {
    String what = verdict + " " + amendment.conflict() + " " + amendment.record().field();
    world.trace.note("arbiter", fault == null ? what : what + " refused: " + fault.getMessage());
    if (fault == null) {
      world.counts.rulings++;
    } else {
      world.counts.rulingsRefused++;
    }
  }
}
