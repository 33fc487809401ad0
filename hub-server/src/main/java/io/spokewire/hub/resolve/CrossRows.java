package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.config.Plan.ForeignKeyPolicy;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a write collides with a concurrent write to another row: one unique value in two
 * rows, a reference to a row that is deleted, one row given two new keys. What has to give way is
 * changed by writes of the hub itself, which have seen everything and so win everywhere.
 *
 * <p>Looks twice. Before a transaction enters the window: where a row of others must give way, the
 * hub's write takes its place first, so that no site meets both values. Afterwards, at what became
 * of the transaction's rows: what is left gives way by writes that follow it.
 *
 * <p>Only rows in memory are found; a site that meets a collision that was not found sets the row
 * aside, where people see it.
 */
final class CrossRows {
  private final Map<TableName, TableWindow> tables;
  private final BiFunction<TableWindow, RowKey, @Nullable RowWindow> rows;
  private final Function<TableName, TableRules> rules;
  private final Function<SchemaId, TableName> tableOf;

  /**
   * @param rows finds a row of the window, wherever it lies
   * @param tableOf the table of a shape
   */
  CrossRows(
      Map<TableName, TableWindow> tables,
      BiFunction<TableWindow, RowKey, @Nullable RowWindow> rows,
      Function<TableName, TableRules> rules,
      Function<SchemaId, TableName> tableOf) {
    this.tables = tables;
    this.rows = rows;
    this.rules = rules;
    this.tableOf = tableOf;
  }

  /**
   * A walk over the writes of one transaction.
   *
   * @param entered whether it has entered the window
   */
  Pass pass(Mark mark, boolean entered) {
    return new Pass(mark, entered);
  }

  /** One walk; what was found for one write is known to the next. */
  final class Pass {
    private final Mark mark;
    private final boolean entered;
    private final List<Collision> found = new ArrayList<>();
    private final Set<Place> gone = new HashSet<>(); // rows that are withdrawn
    private final Set<Place> back = new HashSet<>(); // rows that are restored

    private Pass(Mark mark, boolean entered) {
      this.mark = mark;
      this.entered = entered;
    }

    Mark mark() {
      return mark;
    }

    void look(RowWrite write) {
      RowWindow row = rows.apply(write.shape.table, write.key);
      if (!entered || row != null) {
        new Look(this, write, row).all();
      }
    }

    /** Looks at what a TRUNCATE deletes and rows of other tables refer to. */
    void look(Truncation truncation) {
      TableName parent = truncation.shape().table.name;
      for (TableWindow child : List.copyOf(tables.values())) {
        child
            .references()
            .forEach(
                (reference, index) -> {
                  if (reference.parent().equals(parent)) {
                    index.values().forEach(v -> look(truncation.of(ValueIndex.asKey(v))));
                  }
                });
      }
    }

    List<Collision> found() {
      return found;
    }

    private void add(Collision collision) {
      found.add(collision);
      for (RowChange change : collision.writes()) {
        TableName table = tableOf.apply(change.schema());
        switch (change) {
          case RowChange.Delete c -> gone.add(new Place(table, c.key()));
          case RowChange.Insert c -> back.add(new Place(table, c.key()));
          default -> {}
        }
      }
    }

    private boolean isGone(RowWindow row) {
      return gone.contains(new Place(row.table.name, row.key));
    }

    private boolean isBack(RowWindow row) {
      return back.contains(new Place(row.table.name, row.key));
    }
  }

  private record Place(TableName table, RowKey key) {}

  /** Why a write that has seen everything can't be made; empty if nothing is in its way. */
  Optional<String> obstacle(RowWrite write) {
    RowWindow row = rows.apply(write.shape.table, write.key);
    boolean isThere = row == null || !Boolean.FALSE.equals(row.exists());
    if (write.kind == RowWrite.Kind.UPDATE && !isThere) {
      return Optional.of("the row was deleted since");
    }
    return write.exists() ? obstacleToValues(write, row) : obstacleToDelete(write);
  }

  private Optional<String> obstacleToValues(RowWrite write, @Nullable RowWindow row) {
    for (ValueIndex index : write.shape.table.uniqueSets()) {
      Bytes values = index.isWrittenBy(write) ? index.valuesAfter(write, row) : null;
      if (values != null && index.holders(values).stream().anyMatch(other -> other != row)) {
        return Optional.of("another row has its value of " + String.join(", ", index.columns()));
      }
    }
    for (var reference : write.shape.table.references().entrySet()) {
      ValueIndex index = reference.getValue();
      Bytes values = index.isWrittenBy(write) ? index.valuesAfter(write, row) : null;
      TableWindow table = tables.get(reference.getKey().parent());
      RowWindow parent =
          values == null || table == null ? null : rows.apply(table, ValueIndex.asKey(values));
      if (parent != null && Boolean.FALSE.equals(parent.exists())) {
        return Optional.of(
            "the row of %s that its %s refers to is deleted"
                .formatted(reference.getKey().parent(), String.join(", ", index.columns())));
      }
    }
    return Optional.empty();
  }

  private Optional<String> obstacleToDelete(RowWrite write) {
    for (TableWindow child : tables.values()) {
      for (var reference : child.references().entrySet()) {
        if (reference.getKey().parent().equals(write.shape.table.name)
            && !reference.getValue().holders(write.key.bytes()).isEmpty()) {
          return Optional.of("a row of " + child.name + " refers to it");
        }
      }
    }
    return Optional.empty();
  }

  /** Deletes a row and, before it, whatever refers to it. */
  private List<RowChange> withdrawn(RowWindow row) {
    List<RowChange> deletes = new ArrayList<>();
    withdraw(row, deletes, new HashSet<>());
    return deletes;
  }

  private void withdraw(RowWindow row, List<RowChange> deletes, Set<RowWindow> met) {
    if (!met.add(row)) {
      return;
    }
    for (TableWindow child : tables.values()) {
      child
          .references()
          .forEach(
              (reference, index) -> {
                if (reference.parent().equals(row.table.name)) {
                  index.holders(row.key.bytes()).forEach(r -> withdraw(r, deletes, met));
                }
              });
    }
    Shape shape = row.all().getLast().write.shape;
    deletes.add(new RowChange.Delete(shape.schema.id(), row.key, row.image(shape)));
  }

  static String label(Enum<?> policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  /** One look at one write. */
  private final class Look {
    private final Pass pass;
    private final Mark mark;
    private final boolean entered;
    private final RowWrite write;
    private final @Nullable RowWindow row;
    private final GivingWay givingWay;

    Look(Pass pass, RowWrite write, @Nullable RowWindow row) {
      this.pass = pass;
      this.mark = pass.mark;
      this.entered = pass.entered;
      this.write = write;
      this.row = row;
      this.givingWay = new GivingWay(write, row, CrossRows.this::withdrawn, pass::add);
    }

    void all() {
      secondKeys();
      if (row != null && (pass.isGone(row) || !(entered || row.isSeenBy(mark)))) {
        return; // it is taken out, or nobody knows yet what becomes of it
      }
      boolean exists = entered && row != null ? Boolean.TRUE.equals(row.exists()) : write.exists();
      if (exists) {
        uniqueValues();
        parents();
      } else {
        children();
      }
    }

    // ---- one value in two rows

    private void uniqueValues() {
      for (ValueIndex index : write.shape.table.uniqueSets()) {
        Bytes values = valuesIn(index);
        if (values != null) {
          for (RowWindow other : index.holders(values)) {
            Version setter = index.setter(other);
            if (other != row && !pass.isGone(other) && isUnseen(other, setter)) {
              unique(index, other, setter);
            }
          }
        }
      }
    }

    private @Nullable Bytes valuesIn(ValueIndex index) {
      if (!index.isWrittenBy(write)) {
        return null;
      }
      return entered && row != null ? index.valuesOf(row) : index.valuesAfter(write, row);
    }

    private void unique(ValueIndex index, RowWindow other, Version setter) {
      TableRules tableRules = rules.apply(write.shape.table.name);
      FieldRule rule = ruleOf(index.columns().getFirst());
      if (setter.beats(mark, write, rule)) {
        if (entered && row != null) {
          givingWay.giveWay(index, row, write, setter, tableRules.unique(), rule);
        }
      } else {
        givingWay.giveWay(index, other, setter.write, setter, tableRules.unique(), rule);
      }
    }

    // ---- a reference to what is deleted

    private void parents() {
      write
          .shape
          .table
          .references()
          .forEach(
              (reference, index) -> {
                Bytes values = valuesIn(index);
                TableWindow table = tables.get(reference.parent());
                if (values != null && table != null) {
                  RowWindow parent = rows.apply(table, ValueIndex.asKey(values));
                  if (parent != null && Boolean.FALSE.equals(parent.exists())) {
                    Version deletion = parent.all().getLast();
                    if (isUnseen(parent, deletion)) {
                      parentMissing(index, parent, deletion);
                    }
                  }
                }
              });
    }

    private void parentMissing(ValueIndex index, RowWindow parent, Version deletion) {
      ForeignKeyPolicy policy = rules.apply(write.shape.table.name).foreignKey();
      Tuple image = parent.image(deletion.write.shape);
      if (policy == ForeignKeyPolicy.RESTORE_PARENT && deletion.write.shape.isWhole(image)) {
        givingWay.restore(
            ConflictKind.FK_PARENT_MISSING,
            parent,
            deletion.write.shape,
            image,
            deletion,
            pass.isBack(parent));
      } else if (entered && row != null) {
        ForeignKeyPolicy done = otherwise(policy);
        givingWay.takeBack(
            ConflictKind.FK_PARENT_MISSING,
            index,
            row,
            write,
            deletion,
            label(done),
            done == ForeignKeyPolicy.PARK_CHILD);
      }
    }

    private void children() {
      for (TableWindow child : List.copyOf(tables.values())) {
        child
            .references()
            .forEach(
                (reference, index) -> {
                  if (reference.parent().equals(write.shape.table.name)) {
                    for (RowWindow of : index.holders(write.key.bytes())) {
                      Version setter = index.setter(of);
                      if (!pass.isGone(of) && isUnseen(of, setter)) {
                        childExists(index, of, setter);
                      }
                    }
                  }
                });
      }
    }

    private void childExists(ValueIndex index, RowWindow child, Version setter) {
      ForeignKeyPolicy policy = rules.apply(child.table.name).foreignKey();
      if (policy == ForeignKeyPolicy.RESTORE_PARENT && write.shape.isWhole(write.before)) {
        if (entered && row != null) {
          givingWay.restore(
              ConflictKind.FK_CHILD_EXISTS,
              row,
              write.shape,
              write.before,
              setter,
              pass.isBack(row));
        }
        return;
      }
      ForeignKeyPolicy done = otherwise(policy);
      givingWay.takeBack(
          ConflictKind.FK_CHILD_EXISTS,
          index,
          child,
          setter.write,
          setter,
          label(done),
          done == ForeignKeyPolicy.PARK_CHILD);
    }

    /** Where nobody knows what the parent held, it can't be brought back. */
    private static ForeignKeyPolicy otherwise(ForeignKeyPolicy policy) {
      return policy == ForeignKeyPolicy.RESTORE_PARENT ? ForeignKeyPolicy.PARK_CHILD : policy;
    }

    // ---- one row, two new keys

    private void secondKeys() {
      if (write.exists() || write.moved == null || row == null) {
        return;
      }
      for (Version rival : row.all()) {
        RowKey theirs = rival.write.moved;
        if (rival.write.exists() || theirs == null || theirs.equals(write.moved)) {
          continue;
        }
        if (rival.mark != mark && isUnseen(row, rival)) {
          secondKey(rival, theirs);
        }
      }
    }

    private void secondKey(Version rival, RowKey theirs) {
      FieldRule rule = ruleOf(write.shape.schema.columns().getFirst().name());
      boolean weLose = rival.beats(mark, write, rule);
      if (weLose && !entered) {
        return;
      }
      RowKey loser = weLose ? Objects.requireNonNull(write.moved) : theirs;
      RowWindow gone = rows.apply(write.shape.table, loser);
      if (gone != null && Boolean.TRUE.equals(gone.exists())) {
        givingWay.withdraw(
            ConflictKind.UPDATE_PKEY_CONCURRENT,
            gone,
            rival,
            rule.strategy(),
            rule.awaitsDecision());
      }
    }

    // ---- who has seen what, and who loses

    private boolean isUnseen(RowWindow of, Version version) {
      return of.isUnseen(version, mark);
    }

    private FieldRule ruleOf(String column) {
      int ordinal = write.shape.schema.ordinalOf(column);
      FieldRule rule = ordinal < 0 ? null : write.shape.rule(ordinal);
      return rule != null && rule.choosesAWrite() ? rule : new LastWriteWins("last_write_wins");
    }
  }
}
