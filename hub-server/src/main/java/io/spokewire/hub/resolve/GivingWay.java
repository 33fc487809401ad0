package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.config.Plan.ForeignKeyPolicy;
import io.spokewire.common.config.Plan.UniquePolicy;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.resolve.rule.FieldRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What gives way where one write collides with a write to another row, and by which writes of the
 * hub. Makes the {@link Collision}s; which side loses is decided before.
 */
final class GivingWay {
  private final RowWrite write;
  private final @Nullable RowWindow row;
  private final Function<RowWindow, List<RowChange>> withdrawn;
  private final Consumer<Collision> found;

  /**
   * @param write the arriving one
   * @param row what it wrote to; null if nothing of it is in the window
   * @param withdrawn the deletes of a row and of what refers to it
   */
  GivingWay(
      RowWrite write,
      @Nullable RowWindow row,
      Function<RowWindow, List<RowChange>> withdrawn,
      Consumer<Collision> found) {
    this.write = write;
    this.row = row;
    this.withdrawn = withdrawn;
    this.found = found;
  }

  /** The loser's value goes, or what gave it that value is taken back. */
  void giveWay(
      ValueIndex index,
      RowWindow loser,
      RowWrite gave,
      Version setter,
      UniquePolicy policy,
      FieldRule rule) {
    int nullable = nullable(index.columns(), gave.shape.schema);
    if (policy == UniquePolicy.NULL_LOSER && nullable >= 0) {
      change(
          ConflictKind.UNIQUE_VIOLATION,
          loser,
          gave.shape,
          Map.of(nullable, Field.NULL),
          setter,
          rule.strategy(),
          rule.awaitsDecision());
      return;
    }
    takeBack(
        ConflictKind.UNIQUE_VIOLATION,
        index,
        loser,
        gave,
        setter,
        CrossRows.label(UniquePolicy.PARK_LOSER),
        true);
  }

  private static int nullable(List<String> columns, TableSchema schema) {
    for (String name : columns) {
      int ordinal = schema.ordinalOf(name);
      if (ordinal >= 0 && schema.columns().get(ordinal).nullable() && !schema.isKey(ordinal)) {
        return ordinal;
      }
    }
    return -1;
  }

  /** An insert is withdrawn; of an update the columns get back what they held before. */
  void takeBack(
      ConflictKind kind,
      ValueIndex index,
      RowWindow loser,
      RowWrite gave,
      Version met,
      String policy,
      boolean open) {
    Map<Integer, Field> former = new HashMap<>();
    if (gave.kind == RowWrite.Kind.UPDATE) {
      @Nullable Field[] written = gave.written();
      @Nullable Field[] previous = gave.previous();
      for (String column : index.columns()) {
        int ordinal = gave.shape.schema.ordinalOf(column);
        if (ordinal >= 0 && written[ordinal] != null) {
          Field before = previous[ordinal];
          former.put(ordinal, before == null ? Field.ABSENT : before);
        }
      }
    }
    if (former.isEmpty() || former.containsValue(Field.ABSENT)) {
      withdraw(kind, loser, met, policy, open);
    } else {
      change(kind, loser, gave.shape, former, met, policy, open);
    }
  }

  /** The row goes, with what refers to it. */
  void withdraw(ConflictKind kind, RowWindow loser, Version met, String policy, boolean open) {
    Shape shape = loser.all().getLast().write.shape;
    add(
        kind,
        loser.key,
        shape,
        ConflictRecord.EXISTENCE,
        FieldImage.ofRow(loser.image(shape)),
        met,
        policy,
        FieldImage.NO_ROW,
        open,
        withdrawn.apply(loser));
  }

  /**
   * The deleted row comes back.
   *
   * @param isBack whether it was brought back for another one already
   */
  void restore(
      ConflictKind kind, RowWindow parent, Shape shape, Tuple image, Version met, boolean isBack) {
    add(
        kind,
        parent.key,
        shape,
        ConflictRecord.EXISTENCE,
        FieldImage.NO_ROW,
        met,
        CrossRows.label(ForeignKeyPolicy.RESTORE_PARENT),
        FieldImage.ofRow(image),
        false,
        isBack ? List.of() : List.of(new RowChange.Insert(shape.schema.id(), parent.key, image)));
  }

  private void change(
      ConflictKind kind,
      RowWindow loser,
      Shape shape,
      Map<Integer, Field> to,
      Version met,
      String policy,
      boolean open) {
    Map<Integer, Field> from = new HashMap<>();
    to.keySet()
        .forEach(
            ordinal -> {
              Field now = loser.valueOf(shape.field(ordinal));
              from.put(ordinal, now == null ? Field.UNCHANGED : now);
            });
    int first = to.keySet().stream().min(Integer::compare).orElseThrow();
    Column column = shape.schema.columns().get(first);
    Field base = from.getOrDefault(first, Field.ABSENT);
    add(
        kind,
        loser.key,
        shape,
        column.name(),
        FieldImage.of(base.isPresent() ? base : Field.ABSENT),
        met,
        policy,
        FieldImage.of(to.getOrDefault(first, Field.ABSENT)),
        open,
        List.of(
            new RowChange.Update(shape.schema.id(), loser.key, shape.only(from), shape.only(to))));
  }

  private void add(
      ConflictKind kind,
      RowKey about,
      Shape shape,
      String field,
      FieldImage base,
      Version met,
      String rule,
      FieldImage result,
      boolean open,
      List<RowChange> writes) {
    found.accept(
        new Collision(
            kind,
            about,
            shape.schema,
            field,
            base,
            write,
            ourRow(),
            met,
            met.write.exists() ? met.row.image(met.write.shape) : met.write.before,
            rule,
            result,
            open,
            writes));
  }

  private Tuple ourRow() {
    if (write.kind == RowWrite.Kind.INSERT) {
      return write.after;
    }
    return !write.exists() || row == null ? write.before : row.image(write.shape);
  }
}
