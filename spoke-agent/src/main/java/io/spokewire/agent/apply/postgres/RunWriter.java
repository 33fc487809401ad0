package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.WriteSet;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs on one connection with prepared set-based statements. Owned by the connection's
 * thread; {@link #forget()} when a table's definition may have changed.
 *
 * <p>Errors: the server's as they are, and our own in the same form, with the state that the server
 * would have given: fewer rows changed than were given for a reason other than their absence, or a
 * value can't be sent at all.
 */
final class RunWriter {
  private static final int STATEMENTS = 256;

  private final Connection connection;
  private final TargetTables targets;
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
  RunWriter(Connection connection, TargetTables targets, boolean replicaRole) {
    this.connection = connection;
    this.targets = targets;
    this.replicaRole = replicaRole;
  }

  /**
   * Executes rows of one run in one statement (key changes: one after the other).
   *
   * @return the rows that should have been there and were not; nothing was done for those
   */
  List<PlannedRow> write(Run run, List<PlannedRow> rows) throws SQLException {
    return switch (run.operation()) {
      case UPSERT -> {
        upsert(run.schema(), run.written(), rows);
        yield List.of();
      }
      case UPDATE -> update(run, rows);
      case DELETE -> {
        Prepared p = prepare(run.schema(), run.operation(), run.written());
        p.clear();
        for (PlannedRow row : rows) {
          p.addKey(keyOf(row.change()));
        }
        p.execute();
        yield List.of();
      }
      case KEY_CHANGE -> {
        List<PlannedRow> missing = new ArrayList<>();
        for (PlannedRow row : rows) {
          if (!changeKey(run, (RowChange.KeyChange) row.change())) {
            missing.add(row);
          }
        }
        yield missing;
      }
      case TRUNCATE -> List.of();
    };
  }

  /**
   * A key change whose plain form was refused because the new key is taken: takes the old row away
   * and writes the new one over whatever has its key. Only where no foreign key acts on a delete.
   *
   * @return false if that can't be done here
   */
  boolean replaceKey(Run run, RowChange.KeyChange change) throws SQLException {
    if (!replicaRole || !run.written().isComplete()) {
      return false;
    }
    Prepared delete = prepare(run.schema(), Run.Operation.DELETE, WriteSet.NOTHING);
    delete.clear();
    delete.addKey(change.oldKey());
    delete.execute();
    upsert(run.schema(), run.written(), List.of(new PlannedRow(change, 0, 0)));
    return true;
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
      p.addFields(afterOf(row.change()));
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
      p.addKey(keyOf(row.change()));
      p.addFields(afterOf(row.change()));
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
    Prepared p = prepare(run.schema(), null, WriteSet.NOTHING);
    p.clear();
    for (PlannedRow row : rows) {
      p.addKey(keyOf(row.change()));
    }
    List<PlannedRow> missing = new ArrayList<>();
    try (ResultSet found = p.bind().executeQuery()) {
      while (found.next()) {
        missing.add(rows.get((int) found.getLong(1) - 1));
      }
    }
    return missing;
  }

  private static SQLException suppressed(long rows) {
    return new SQLException(
        "a trigger or rule of the table kept " + rows + " row(s) from being written", "09000");
  }

  private Prepared prepare(TableSchema schema, Run.@Nullable Operation operation, WriteSet written)
      throws SQLException {
    Kind kind = new Kind(schema.id(), Optional.ofNullable(operation), written);
    Prepared known = prepared.get(kind);
    if (known == null) {
      TargetTable table = targets.get(schema.table());
      RunStatement sql =
          operation == null
              ? RunStatement.missing(table, schema)
              : RunStatement.of(table, schema, operation, written);
      known = new Prepared(schema, sql, connection.prepareStatement(sql.sql()));
      prepared.put(kind, known);
    }
    return known;
  }

  private static void close(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // It goes with its connection then.
    }
  }

  private static RowKey keyOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c.key();
      case RowChange.Update c -> c.key();
      case RowChange.Delete c -> c.key();
      case RowChange.KeyChange c -> c.oldKey();
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate has no key");
    };
  }

  private static Tuple afterOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c.after();
      case RowChange.Update c -> c.after();
      case RowChange.KeyChange c -> c.after();
      case RowChange.Delete c -> throw new IllegalArgumentException("a delete has no new row");
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate has no row");
    };
  }

  /** Without an operation: the query for missing rows. */
  private record Kind(SchemaId schema, Optional<Run.Operation> operation, WriteSet written) {}

  /** A prepared statement with the arrays that are its parameters. */
  private static final class Prepared {
    private final RunStatement sql;
    private final PreparedStatement statement;
    private final ArrayParameter[] keys;
    // By ordinal of the shape; null where the column isn't written.
    private final @Nullable ArrayParameter[] fields;

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
    }

    void clear() {
      for (ArrayParameter key : keys) {
        key.clear();
      }
      for (ArrayParameter field : fields) {
        if (field != null) {
          field.clear();
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
      TupleReader reader = tuple.reader();
      while (reader.next()) {
        ArrayParameter array = fields[reader.ordinal()];
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
      return statement;
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
