package io.spokewire.simulation;

import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A transaction of a site's users, statement by statement, under read committed. */
final class LocalTransaction {
  /**
   * What a statement wants.
   *
   * @param other of two rows the second; null if it is about one
   */
  record Statement(Tables.Key key, Tables.Key other, Kind kind, int seed) {
    /** Whose locks it takes. */
    List<Tables.Key> keys() {
      return other == null ? List.of(key) : List.of(key, other);
    }
  }

  enum Kind {
    /** Inserts the row if it is missing, else changes it. */
    WRITE,
    /** The same, but for what is added to. */
    WRITE_NO_SUM,
    DELETE,
    /** Gives the row the other key, if that is free. */
    RENUMBER,
    /** Two rows swap their keys, by way of a third. */
    SWAP
  }

  private static final int ON_THE_WAY = 1_000_000; // keys that last as long as a swap

  private final SimulatedDatabase database;
  private final Workload workload;
  private final int dot;
  private final String label;
  private final List<Statement> left;
  private final Map<Tables.Key, RowState> own = new HashMap<>();
  private final List<RowChange> changes = new ArrayList<>();
  private final Map<Tables.Key, Map<Integer, LocalCommit.Write>> writes = new TreeMap<>();
  private Object waitsFor;
  private boolean over;

  LocalTransaction(
      SimulatedDatabase database,
      Workload workload,
      int dot,
      String label,
      List<Statement> statements) {
    this.database = database;
    this.workload = workload;
    this.dot = dot;
    this.label = label;
    this.left = new ArrayList<>(statements);
  }

  boolean isOver() {
    return over;
  }

  /** Whose lock it waits for; null if it can go on. */
  Object waitsFor() {
    return waitsFor;
  }

  /** The next statement, or the commit; nothing while it has to wait. */
  void step() {
    waitsFor = null;
    if (over) {
      return;
    }
    if (left.isEmpty()) {
      commit();
      return;
    }
    Statement next = left.getFirst();
    for (Tables.Key key : next.keys()) {
      if (!database.tryLock(key, this)) {
        waitFor(database.holder(key));
        return;
      }
    }
    left.removeFirst();
    execute(next);
  }

  private void waitFor(Object holder) {
    waitsFor = holder;
    if (holder instanceof LocalTransaction other && other.isBehind(this)) {
      abort();
    }
  }

  private boolean isBehind(LocalTransaction one) {
    Object holder = waitsFor;
    for (int i = 0; i < 100 && holder instanceof LocalTransaction other; i++) {
      if (other == one) {
        return true;
      }
      holder = other.waitsFor;
    }
    return false;
  }

  void abort() {
    finish();
  }

  private void finish() {
    over = true;
    database.unlockAll(this);
    database.open().remove(this);
  }

  private void execute(Statement statement) {
    Tables.Key key = statement.key();
    RowState row = row(key);
    if (statement.other() != null) {
      if (row.exists()) {
        changeKeys(statement);
      }
    } else if (statement.kind() == Kind.DELETE) {
      if (row.exists()) {
        delete(key, row);
      }
    } else if (row.exists()) {
      String[] values = workload.changed(key, row.values(), label, statement.seed());
      if (statement.kind() == Kind.WRITE_NO_SUM) {
        values[History.sumColumn(key)] = row.values()[History.sumColumn(key)];
      }
      update(key, row, values);
    } else {
      insert(key, row, workload.fresh(key, label, statement.seed()));
    }
  }

  private RowState row(Tables.Key key) {
    return own.containsKey(key) ? own.get(key) : database.row(key);
  }

  private void changeKeys(Statement statement) {
    Tables.Key one = statement.key();
    Tables.Key other = statement.other();
    boolean isFree = !row(other).exists();
    if (statement.kind() == Kind.RENUMBER && isFree) {
      move(one, other);
    } else if (statement.kind() == Kind.SWAP && !isFree) {
      Tables.Key between = new Tables.Key(one.table(), ON_THE_WAY + dot);
      move(one, between);
      move(other, one);
      move(between, other);
    }
  }

  private void move(Tables.Key from, Tables.Key to) {
    RowState row = row(from);
    String[] values = row.values().clone();
    values[0] = Integer.toString(to.id());
    changes.add(
        new RowChange.KeyChange(
            from.table().id(),
            from.encoded(),
            to.encoded(),
            Tables.whole(row.values()),
            Tables.whole(values)));
    remove(from, row);
    make(to, row(to), values);
  }

  private void insert(Tables.Key key, RowState row, String[] values) {
    changes.add(new RowChange.Insert(key.table().id(), key.encoded(), Tables.whole(values)));
    make(key, row, values);
  }

  private void make(Tables.Key key, RowState row, String[] values) {
    RowState next = row.with(values);
    for (int i = 1; i < values.length; i++) {
      next = write(key, next, i, values[i]);
    }
    own.put(key, write(key, next, RowState.existence(key), "t"));
  }

  private void update(Tables.Key key, RowState row, String[] values) {
    String[] before = row.values();
    RowState next = row.with(values);
    boolean differs = false;
    Set<Integer> written = new TreeSet<>();
    for (int i = 1; i < values.length; i++) {
      if (!values[i].equals(before[i])) {
        written.addAll(workload.together(key, i));
        differs = true;
      }
    }
    for (int field : written) {
      next = write(key, next, field, values[field]);
    }
    if (!differs) {
      return;
    }
    changes.add(
        new RowChange.Update(
            key.table().id(),
            key.encoded(),
            Tables.difference(before, values),
            Tables.difference(values, before)));
    own.put(key, write(key, next, RowState.existence(key), "t"));
  }

  private void delete(Tables.Key key, RowState row) {
    changes.add(new RowChange.Delete(key.table().id(), key.encoded(), Tables.whole(row.values())));
    remove(key, row);
  }

  private void remove(Tables.Key key, RowState row) {
    RowState next = row.with(null);
    for (int i = 1; i < key.table().columns().size(); i++) {
      next = write(key, next, i, null);
    }
    own.put(key, write(key, next, RowState.existence(key), "f"));
  }

  private RowState write(Tables.Key key, RowState row, int field, String value) {
    BitSet before = row.seen()[field];
    LocalCommit.note(writes, key, field, before, value);
    return row.replacing(field, RowState.plus(before, dot));
  }

  private void commit() {
    if (!changes.isEmpty()) {
      RowBlockWriter block = new RowBlockWriter();
      changes.forEach(block::put);
      own.keySet().forEach(this::seeWhatCameMeanwhile);
      database.commit(own, new LocalCommit(dot, label, block.toBlock(), writes));
    }
    finish();
  }

  /**
   * An outcome that left this row's values as they are needed no lock on it; committed before us,
   * it counts as seen.
   */
  private void seeWhatCameMeanwhile(Tables.Key key) {
    BitSet[] now = database.row(key).seen();
    RowState row = own.get(key);
    for (int field = 1; field < now.length; field++) {
      row = row.seeing(field, now[field]);
    }
    own.put(key, row);
    writes
        .getOrDefault(key, Map.of())
        .replaceAll(
            (field, write) ->
                new LocalCommit.Write(RowState.union(write.seen(), now[field]), write.values()));
  }
}
