package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import io.spokewire.hub.resolve.rule.Sum;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes a merge apart that no database accepts: each of two concurrent writes was fine at its own
 * site, but a row with the values of both breaks a check. One write stays whole, the other is taken
 * back: its fields hold what its site had before it, and an adding field what the other left.
 */
final class Unmerging {
  private final RowWindow row;
  private final Version last;
  private final Version rival;

  private Unmerging(RowWindow row, Version last, Version rival) {
    this.row = row;
    this.last = last;
    this.rival = rival;
  }

  /** Of a row whose last version met another; null if the row is no merge, or is not any more. */
  static @Nullable Unmerging of(RowWindow row) {
    Version last = row.all().getLast();
    if (last.mark.isOfHub() || !Boolean.TRUE.equals(row.exists()) || !last.write.exists()) {
      return null;
    }
    Version rival = null;
    for (Version version : row.all()) {
      if (version != last && version.write.exists() && row.isUnseen(version, last.mark)) {
        rival = version;
      }
    }
    return rival == null ? null : new Unmerging(row, last, rival);
  }

  Mark arriving() {
    return last.mark;
  }

  /** What is changed; empty if what the loser found is not known, or nothing is left of it. */
  List<Collision> collisions() {
    Shape shape = last.write.shape;
    FieldRule rule = rule(shape);
    boolean lastLoses = rival.beats(last.mark, last.write, rule);
    Version winner = lastLoses ? rival : last;
    Version loser = lastLoses ? last : rival;
    TreeMap<Integer, Field> from = new TreeMap<>();
    TreeMap<Integer, Field> to = new TreeMap<>();
    for (int i = 0; i < shape.columns(); i++) {
      int field = shape.field(i);
      if (shape.schema.isKey(i) || !loser.write.given.contains(field)) {
        continue;
      }
      Field now = row.valueOf(field);
      Field then = without(loser, winner, i, now);
      if (now == null || then == null) {
        return List.of();
      }
      if (!now.equals(then)) {
        from.put(i, now);
        to.put(i, then);
      }
    }
    if (to.isEmpty()) {
      return List.of();
    }
    RowChange write =
        new RowChange.Update(shape.schema.id(), row.key, shape.only(from), shape.only(to));
    List<Collision> found = new ArrayList<>();
    to.forEach(
        (ordinal, value) ->
            found.add(
                new Collision(
                    ConflictKind.CHECK_VIOLATION_AFTER_MERGE,
                    row.key,
                    shape.schema,
                    shape.schema.columns().get(ordinal).name(),
                    FieldImage.of(from.getOrDefault(ordinal, Field.ABSENT)),
                    last.write,
                    Tuple.NONE,
                    rival,
                    Tuple.NONE,
                    rule.strategy(),
                    FieldImage.of(value),
                    rule.awaitsDecision(),
                    found.isEmpty() ? List.of(write) : List.of())));
    return found;
  }

  /** The field without what the loser did to it. */
  private @Nullable Field without(Version loser, Version winner, int ordinal, @Nullable Field now) {
    int field = last.write.shape.field(ordinal);
    Field before = loser.valueBefore(field);
    boolean adds = last.write.shape.rule(ordinal).addsUp();
    if (adds
        && now != null
        && before != null
        && Sum.hasDelta(before, loser.written(field))
        && Sum.isFinite(now)) {
      return Sum.plus(now, Sum.delta(loser.written(field), before));
    }
    if (winner.write.given.contains(field)) {
      Field theirs = winner.written(field);
      return theirs.isPresent() ? theirs : null;
    }
    return before;
  }

  /** Rules of single columns say nothing of whole writes. */
  private static FieldRule rule(Shape shape) {
    for (int i = 0; i < shape.columns(); i++) {
      if (!shape.schema.isKey(i) && shape.rule(i).choosesAWrite()) {
        return shape.rule(i);
      }
    }
    return new LastWriteWins("last_write_wins");
  }
}
