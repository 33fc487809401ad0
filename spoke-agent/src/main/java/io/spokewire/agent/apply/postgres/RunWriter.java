package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.ChangedRow;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.WriteSet;
import io.spokewire.agent.apply.table.RowWriter;
import io.spokewire.agent.apply.table.TargetTables;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.id.SchemaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs on one connection with prepared set-based statements. Owned by the connection's
 * thread; {@link #forget()} when a table's definition may have changed.
 *
 * <p>Errors: the server's as they are, and our own in the same form, with the state that the server
 * would have given: fewer rows changed than were given for a reason other than their absence, or a
 * value can't be sent at all.
 */
final class RunWriter implements RowWriter {
  private static final int STATEMENTS = 256;

  private final Connection connection;
  private final TargetTables<PgTargetTable> targets;
  private final boolean replicaRole;
  private final Map<Kind, Prepared> prepared =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Prepared> eldest) {
          if (size() <= STATEMENTS) {
            return false;
          }
          close(eldest.getValue().statement);
          return true;
        }
      };

  /**
   * @param replicaRole whether triggers and foreign keys are off, so that a row may be taken away
   *     for a moment
   */
  RunWriter(Connection connection, TargetTables<PgTargetTable> targets, boolean replicaRole) {
    this.connection = connection;
    this.targets = targets;
    this.replicaRole = replicaRole;
  }

  @Override
  public Written write(Run run, List<PlannedRow> rows) throws SQLException {
    return switch (run.operation()) {
      case UPSERT -> {
        upsert(run.schema(), run.written(), rows);
        yield Written.ALL;
      }
      case INSERT, REPLACE -> writeWhole(run, rows);
      case UPDATE ->
          run.written().comparesAny()
              ? updateFields(run, rows)
              : Written.missing(update(run, rows));
      case DELETE -> delete(run.schema(), run.written(), rows);
      case KEY_CHANGE -> {
        List<PlannedRow> missing = new ArrayList<>();
        List<KeptRow> kept = new ArrayList<>();
        for (PlannedRow row : rows) {
          RowChange.KeyChange change = (RowChange.KeyChange) row.change();
          if (run.written().comparesAny()) {
            changeGuardedKey(run, row, change, missing, kept);
          } else if (!changeKey(run, change)) {
            missing.add(row);
          }
        }
        yield new Written(missing, kept);
      }
      case TRUNCATE -> throw new IllegalArgumentException("a truncate is not planned");
    };
  }

  /** Rows that hold in every field what they replace, or are not there yet where they are new. */
  private Written writeWhole(Run run, List<PlannedRow> rows) throws SQLException {
    boolean isNew = run.operation() == Run.Operation.INSERT;
    Prepared p = prepare(RunStatement.Form.WRITE, run);
    p.clear();
    for (PlannedRow row : rows) {
      if (!isNew) {
        p.addKey(ChangedRow.keyOf(row.change()));
        p.addPrevious(ChangedRow.beforeOf(row.change()));
      }
      p.addFields(ChangedRow.afterOf(row.change()));
    }
    if (p.execute() == rows.size()) {
      return Written.ALL;
    }
    Prepared differing = prepare(RunStatement.Form.DIFFERING, run);
    differing.clear();
    for (PlannedRow row : rows) {
      differing.addKey(ChangedRow.keyOf(row.change()));
      differing.addFields(ChangedRow.afterOf(row.change()));
    }
    return new Written(List.of(), whole(rows, differing.places()));
  }

  private Written delete(TableSchema schema, WriteSet compared, List<PlannedRow> rows)
      throws SQLException {
    Prepared p = prepare(RunStatement.Form.WRITE, schema, Run.Operation.DELETE, compared);
    p.clear();
    for (PlannedRow row : rows) {
      p.addKey(ChangedRow.keyOf(row.change()));
      p.addPrevious(ChangedRow.beforeOf(row.change()));
    }
    if (p.execute() == rows.size() || !compared.comparesAny()) {
      return Written.ALL;
    }
    Prepared present =
        prepare(RunStatement.Form.PRESENT, schema, Run.Operation.DELETE, WriteSet.NOTHING);
    present.clear();
    for (PlannedRow row : rows) {
      present.addKey(ChangedRow.keyOf(row.change()));
    }
    return new Written(List.of(), whole(rows, present.places()));
  }

  private static List<KeptRow> whole(List<PlannedRow> rows, List<Integer> places) {
    return places.stream().map(place -> new KeptRow(rows.get(place - 1), List.of())).toList();
  }

  /** All fields of all rows at once where they hold what they replace, else field by field. */
  private Written updateFields(Run run, List<PlannedRow> rows) throws SQLException {
    Prepared together = prepare(RunStatement.Form.WRITE, run);
    if (together.sql.compared().isEmpty()) {
      return Written.missing(update(run, rows));
    }
    // What is added must not be added twice: there is no second try for it.
    if (!run.written().addsAny() && filled(together, rows).execute() == rows.size()) {
      return Written.ALL;
    }
    Prepared byField = filled(prepare(RunStatement.Form.WRITE_FIELDS, run), rows);
    BitSet found = new BitSet();
    List<KeptRow> kept = new ArrayList<>();
    try (ResultSet row = byField.bind().executeQuery()) {
      while (row.next()) {
        int place = (int) row.getLong(1) - 1;
        found.set(place);
        List<Integer> fields = byField.marked(row.getString(2));
        if (!fields.isEmpty()) {
          kept.add(new KeptRow(rows.get(place), fields));
        }
      }
    }
    List<PlannedRow> missing = new ArrayList<>();
    for (int i = found.nextClearBit(0); i < rows.size(); i = found.nextClearBit(i + 1)) {
      missing.add(rows.get(i));
    }
    return new Written(missing, kept);
  }

  private static Prepared filled(Prepared p, List<PlannedRow> rows) throws SQLException {
    p.clear();
    for (PlannedRow row : rows) {
      p.addKey(ChangedRow.keyOf(row.change()));
      p.addFields(ChangedRow.afterOf(row.change()));
      p.addPrevious(ChangedRow.beforeOf(row.change()));
    }
    return p;
  }

  /**
   * As one where the old row holds what it replaces and the new key is free; else the old row goes
   * and the new one comes, each on its own terms.
   */
  private void changeGuardedKey(
      Run run,
      PlannedRow row,
      RowChange.KeyChange change,
      List<PlannedRow> missing,
      List<KeptRow> kept)
      throws SQLException {
    if (filled(prepare(RunStatement.Form.WRITE, run), List.of(row)).execute() == 1) {
      return;
    }
    if (!run.written().isComplete()) {
      missing.add(row);
      return;
    }
    TableSchema schema = run.schema();
    PlannedRow gone =
        half(row, new RowChange.Delete(schema.id(), change.oldKey(), change.before()));
    WriteSet compared = WriteSet.deletes(change.before(), schema.columns().size());
    kept.addAll(delete(schema, compared, List.of(gone)).kept());
    PlannedRow come = half(row, new RowChange.Insert(schema.id(), change.newKey(), change.after()));
    Run insert = new Run(schema, Run.Operation.INSERT, run.written(), List.of(come));
    kept.addAll(writeWhole(insert, insert.rows()).kept());
  }

  private static PlannedRow half(PlannedRow of, RowChange change) {
    return new PlannedRow(change, of.first(), of.last(), of.own());
  }

  @Override
  public boolean replaceKey(Run run, RowChange.KeyChange change) throws SQLException {
    if (!replicaRole || !run.written().isComplete() || run.written().comparesAny()) {
      return false;
    }
    Prepared delete = prepare(run.schema(), Run.Operation.DELETE, WriteSet.NOTHING);
    delete.clear();
    delete.addKey(change.oldKey());
    delete.execute();
    upsert(run.schema(), run.written(), List.of(new PlannedRow(change, 0, 0)));
    return true;
  }

  @Override
  public @Nullable Long look(TableSchema schema, RowKey key, @Nullable String field)
      throws SQLException {
    WriteSet one =
        field == null ? WriteSet.NOTHING : WriteSet.only(schema.ordinalOf(field), schema);
    Prepared p = prepare(RunStatement.Form.LOOK, schema, Run.Operation.UPDATE, one);
    p.clear();
    p.addKey(key);
    try (ResultSet row = p.bind().executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  @Override
  public long deleteAllBut(TableSchema schema, List<RowKey> survivors) throws SQLException {
    Prepared p = prepare(schema, Run.Operation.TRUNCATE, WriteSet.NOTHING);
    p.clear();
    for (RowKey key : survivors) {
      p.addKey(key);
    }
    execute("SET LOCAL enable_hashjoin = on"); // here the whole table is read
    long gone = p.execute();
    execute("SET LOCAL enable_hashjoin = off");
    return gone;
  }

  /** Forgets every statement: a table may have changed. */
  void forget() {
    prepared.values().forEach(p -> close(p.statement));
    prepared.clear();
  }

  private void upsert(TableSchema schema, WriteSet written, List<PlannedRow> rows)
      throws SQLException {
    Prepared p = prepare(schema, Run.Operation.UPSERT, written);
    p.clear();
    for (PlannedRow row : rows) {
      p.addFields(ChangedRow.afterOf(row.change()));
    }
    long changed = p.execute();
    if (p.sql.countsRows() && changed != rows.size()) {
      throw suppressed(rows.size() - changed);
    }
  }

  private List<PlannedRow> update(Run run, List<PlannedRow> rows) throws SQLException {
    Prepared p = prepare(run.schema(), Run.Operation.UPDATE, run.written());
    p.clear();
    for (PlannedRow row : rows) {
      p.addKey(ChangedRow.keyOf(row.change()));
      p.addFields(ChangedRow.afterOf(row.change()));
    }
    long lacking = rows.size() - p.execute();
    if (lacking == 0) {
      return List.of();
    }
    List<PlannedRow> missing = missing(run, rows);
    if (missing.size() != lacking) {
      throw suppressed(lacking - missing.size());
    }
    return missing;
  }

  private boolean changeKey(Run run, RowChange.KeyChange change) throws SQLException {
    Prepared p = prepare(run.schema(), Run.Operation.KEY_CHANGE, run.written());
    p.clear();
    p.addKey(change.oldKey());
    p.addFields(change.after());
    if (p.execute() == 1) {
      return true;
    }
    if (missing(run, List.of(new PlannedRow(change, 0, 0))).isEmpty()) {
      throw suppressed(1);
    }
    if (!run.written().isComplete()) {
      return false;
    }
    // The old row is gone already; what matters is that the new one is as given.
    upsert(run.schema(), run.written(), List.of(new PlannedRow(change, 0, 0)));
    return true;
  }

  private List<PlannedRow> missing(Run run, List<PlannedRow> rows) throws SQLException {
    Prepared p =
        prepare(RunStatement.Form.MISSING, run.schema(), Run.Operation.UPDATE, WriteSet.NOTHING);
    p.clear();
    for (PlannedRow row : rows) {
      p.addKey(ChangedRow.keyOf(row.change()));
    }
    return p.places().stream().map(place -> rows.get(place - 1)).toList();
  }

  private static SQLException suppressed(long rows) {
    return new SQLException(
        "a trigger or rule of the table kept " + rows + " row(s) from being written", "09000");
  }

  private Prepared prepare(RunStatement.Form form, Run run) throws SQLException {
    return prepare(form, run.schema(), run.operation(), run.written());
  }

  private Prepared prepare(TableSchema schema, Run.Operation operation, WriteSet written)
      throws SQLException {
    return prepare(RunStatement.Form.WRITE, schema, operation, written);
  }

  private Prepared prepare(
      RunStatement.Form form, TableSchema schema, Run.Operation operation, WriteSet written)
      throws SQLException {
    Kind kind = new Kind(schema.id(), form, operation, written);
    Prepared known = prepared.get(kind);
    if (known == null) {
      RunStatement sql =
          RunStatement.of(form, targets.get(schema.table()), schema, operation, written);
      known = new Prepared(schema, sql, connection.prepareStatement(sql.sql()));
      prepared.put(kind, known);
    }
    return known;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void close(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // It goes with its connection then.
    }
  }

  private record Kind(
      SchemaId schema, RunStatement.Form form, Run.Operation operation, WriteSet written) {}

  /** A prepared statement with the arrays that are its parameters. */
  private static final class Prepared {
    private final RunStatement sql;
    private final PreparedStatement statement;
    private final ArrayParameter[] keys;
    // By ordinal of the shape; null where the column isn't written.
    private final @Nullable ArrayParameter[] fields;
    // By ordinal of the shape; null where the column isn't compared.
    private final @Nullable ArrayParameter[] previous;

    Prepared(TableSchema schema, RunStatement sql, PreparedStatement statement) {
      this.sql = sql;
      this.statement = statement;
      this.keys = new ArrayParameter[sql.keys().size()];
      for (int i = 0; i < keys.length; i++) {
        keys[i] =
            new ArrayParameter(sql.keys().get(i), schema.columns().get(schema.key().get(i)).type());
      }
      this.fields = new ArrayParameter[schema.columns().size()];
      for (int i = 0; i < sql.written().size(); i++) {
        int ordinal = sql.written().get(i);
        fields[ordinal] =
            new ArrayParameter(sql.codings().get(i), schema.columns().get(ordinal).type());
      }
      this.previous = new ArrayParameter[schema.columns().size()];
      for (int i = 0; i < sql.compared().size(); i++) {
        int ordinal = sql.compared().get(i);
        previous[ordinal] =
            new ArrayParameter(sql.previous().get(i), schema.columns().get(ordinal).type());
      }
    }

    void clear() {
      for (ArrayParameter key : keys) {
        key.clear();
      }
      clear(fields);
      clear(previous);
    }

    private static void clear(@Nullable ArrayParameter[] arrays) {
      for (ArrayParameter array : arrays) {
        if (array != null) {
          array.clear();
        }
      }
    }

    void addKey(RowKey key) throws SQLException {
      TupleReader reader = key.asTuple().reader();
      for (ArrayParameter array : keys) {
        if (!reader.next()) {
          throw new SQLException("the row's key has too few columns", "22023");
        }
        if (reader.tag() != FieldTag.VALUE) {
          throw new SQLException("the row's key has a column without a value", "22004");
        }
        array.add(reader.value());
      }
    }

    void addFields(Tuple tuple) throws SQLException {
      add(tuple, fields);
    }

    void addPrevious(Tuple tuple) throws SQLException {
      add(tuple, previous);
    }

    private static void add(Tuple tuple, @Nullable ArrayParameter[] arrays) throws SQLException {
      TupleReader reader = tuple.reader();
      while (reader.next()) {
        ArrayParameter array = arrays[reader.ordinal()];
        if (array != null) {
          if (reader.tag() == FieldTag.NULL) {
            array.addNull();
          } else {
            array.add(reader.value());
          }
        }
      }
    }

    PreparedStatement bind() throws SQLException {
      int index = 1;
      for (ArrayParameter key : keys) {
        statement.setObject(index++, key);
      }
      for (ArrayParameter field : fields) {
        if (field != null) {
          statement.setObject(index++, field);
        }
      }
      for (ArrayParameter field : previous) {
        if (field != null) {
          statement.setObject(index++, field);
        }
      }
      return statement;
    }

    /** The places that a query gives, from 1. */
    List<Integer> places() throws SQLException {
      List<Integer> places = new ArrayList<>();
      try (ResultSet found = bind().executeQuery()) {
        while (found.next()) {
          places.add((int) found.getLong(1));
        }
      }
      return places;
    }

    /** The compared columns that a text of 0 and 1 marks, by ordinal. */
    List<Integer> marked(String marks) {
      List<Integer> ordinals = new ArrayList<>();
      for (int i = 0; i < marks.length(); i++) {
        if (marks.charAt(i) == '1') {
          ordinals.add(sql.compared().get(i));
        }
      }
      return ordinals;
    }

    /** How many rows were changed, or for a query that counts, what it counted. */
    long execute() throws SQLException {
      if (!bind().execute()) {
        return statement.getLargeUpdateCount();
      }
      try (ResultSet counted = statement.getResultSet()) {
        return counted.next() ? counted.getLong(1) : 0;
      }
    }
  }
}
