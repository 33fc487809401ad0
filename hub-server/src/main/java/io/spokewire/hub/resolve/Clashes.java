package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields in which one write met writes that it had not seen, until the audit is told. */
final class Clashes {
  private static final int FEW = 4; // writes that meet in one row, nearly always

  private final Mark mark;
  private final RowWindow row;
  private final RowWrite write;
  private final List<Clash> all = new ArrayList<>();

  Clashes(Mark mark, RowWindow row, RowWrite write) {
    this.mark = mark;
    this.row = row;
    this.write = write;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  void add(Clash clash) {
    all.add(clash);
  }

  /** Over the row's existence: that is told before its fields. */
  void addFirst(Clash clash) {
    all.addFirst(clash);
  }

  /** What arrived, and what it met. */
  ConflictKind kindAgainst(Version rival) {
    if (rival.mark.writer().equals(mark.writer())) {
      return ConflictKind.OWN_OVERWRITTEN;
    }
    if (write.isTruncation() || rival.write.isTruncation()) {
      return ConflictKind.TRUNCATE_CONCURRENT;
    }
    if (write.kind == RowWrite.Kind.DELETE) {
      return ConflictKind.DELETE_CONCURRENT_UPDATE;
    }
    if (rival.write.kind == RowWrite.Kind.DELETE) {
      return ConflictKind.UPDATE_DELETED;
    }
    if (write.moved != null && rival.write.kind == RowWrite.Kind.INSERT) {
      return ConflictKind.UPDATE_PKEY_EXISTS;
    }
    return write.kind == RowWrite.Kind.INSERT && rival.write.kind == RowWrite.Kind.INSERT
        ? ConflictKind.INSERT_EXISTS
        : ConflictKind.UPDATE_CONCURRENT;
  }

  /** What the audit gets. */
  List<ConflictRecord> records(ClockBook clocks, PlanVersion version) {
    if (all.isEmpty()) {
      return List.of();
    }
    Witness witness = new Witness(clocks);
    List<ConflictRecord> records = new ArrayList<>(all.size());
    for (Clash clash : all) {
      List<ConflictWrite> others = new ArrayList<>(clash.rivals().size() - 1);
      for (Weighed rival : clash.rivals()) {
        if (rival.version() != clash.target().version()) {
          others.add(witness.of(rival));
        }
      }
      records.add(
          new ConflictRecord(
              row.table.name,
              write.shape.schema.id(),
              row.key,
              clash.field(),
              clash.kind(),
              clash.base(),
              witness.own(clash.own(), clash.ownRow()),
              witness.of(clash.target()),
              others,
              clash.rule(),
              version,
              clash.result(),
              clash.open()));
    }
    return records;
  }

  /**
   * A sibling as a clash weighed it.
   *
   * @param row the row it wrote or deleted; null of a column
   */
  record Weighed(Version version, Field value, @Nullable Tuple row) {}

  /** One conflicting field, before it is given its clocks. */
  record Clash(
      String field,
      ConflictKind kind,
      FieldImage base,
      Field own,
      @Nullable Tuple ownRow,
      Weighed target,
      List<Weighed> rivals,
      String rule,
      FieldImage result,
      boolean open) {}

  /** Tells of the writes that met; what they have in common over several fields is made once. */
  private final class Witness {
    private final ClockBook clocks;
    private final Map<Version, Tuple> comparable = new IdentityHashMap<>(FEW);
    private final Map<Mark, VectorClock> clockOf = new IdentityHashMap<>(FEW);
    private @Nullable Tuple ownComparable;

    Witness(ClockBook clocks) {
      this.clocks = clocks;
    }

    ConflictWrite own(Field value, @Nullable Tuple ofExistence) {
      if (ownComparable == null) {
        ownComparable = write.comparable();
      }
      return told(mark, write, value, ofExistence == null ? ownComparable : ofExistence);
    }

    ConflictWrite of(Weighed sibling) {
      Version version = sibling.version();
      Tuple known = sibling.row();
      if (known == null) {
        known = comparable.computeIfAbsent(version, v -> v.write.comparable());
      }
      return told(version.mark, version.write, sibling.value(), known);
    }

    private ConflictWrite told(Mark of, RowWrite write, Field value, Tuple known) {
      return new ConflictWrite(
          of.spoke(),
          of.sequence(),
          of.position(),
          of.time(),
          clockOf.computeIfAbsent(of, clocks::clockOf),
          write.shape.schema.id(),
          write.key,
          value,
          known);
    }
  }
}
