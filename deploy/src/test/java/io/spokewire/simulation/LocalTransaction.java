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
  /** What a statement wants. */
  record Statement(Tables.Key key, Kind kind, int seed) {}

  enum Kind {
    /** Inserts the row if it is missing, else changes it. */
    WRITE,
    /** The same, but for what is added to. */
    WRITE_NO_SUM,
    DELETE
  }

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
    if (!database.tryLock(next.key(), this)) {
      waitsFor = database.holder(next.key());
      if (waitsFor instanceof LocalTransaction other && other.isBehind(this)) {
        abort();
      }
      return;
    }
    left.removeFirst();
    execute(next);
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
    RowState row = own.containsKey(key) ? own.get(key) : database.row(key);
    if (statement.kind() == Kind.DELETE) {
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

  private void insert(Tables.Key key, RowState row, String[] values) {
    changes.add(new RowChange.Insert(key.table().id(), key.encoded(), Tables.whole(values)));
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
