package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.WriteSet;
import io.spokewire.agent.apply.mysql.RunStatement.Form;
import io.spokewire.agent.apply.table.RowWriter;
import io.spokewire.agent.apply.table.TargetTables;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.id.SchemaId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs with statements over lists of rows. Owned by the connection's thread; {@link
 * #forget()} when a table's definition may have changed.
 *
 * <p>A row that shall be there whether it was or not is not written by {@code ON DUPLICATE KEY
 * UPDATE}: that takes any unique index for the key, and would change another row without a word.
 * Rows are inserted, which is all there is to do for most; if one of them is there already, those
 * that are there by their key are updated and the others inserted, so that what collides with
 * another index is refused.
 */
final class MyRowWriter implements RowWriter {
  private static final int STATEMENTS = 256;
  private static final int MOST_BYTES = 4 << 20;

  private final Connection connection;
  private final TargetTables<MyTargetTable> targets;
  private final String rowWord;
  private final int statementBytes;
  private final PreparedInserts prepared;
  private final Map<Kind, RunStatement> statements =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, RunStatement> eldest) {
          return size() > STATEMENTS;
        }
      };

  /**
   * @param rowWord what stands before a row in VALUES: {@code ROW} for MySQL, nothing for MariaDB
   * @param packetBytes the server's {@code max_allowed_packet}
   */
  MyRowWriter(
      Connection connection,
      TargetTables<MyTargetTable> targets,
      String rowWord,
      long packetBytes) {
    this.connection = connection;
    this.targets = targets;
    this.rowWord = rowWord;
    // A byte may take two, or a little more.
    this.statementBytes = (int) Math.min(MOST_BYTES, packetBytes / 3);
    this.prepared = new PreparedInserts(connection);
  }

  @Override
  public Written write(Run run, List<PlannedRow> rows) throws SQLException {
    if (run.operation() == Run.Operation.KEY_CHANGE) {
      return changeKeys(run, rows);
    }
    List<PlannedRow> missing = new ArrayList<>();
    List<KeptRow> kept = new ArrayList<>();
    int from = 0;
    while (from < rows.size()) {
      int to = end(run, rows, from);
      Written part = writeTogether(run, rows.subList(from, to));
      missing.addAll(part.missing());
      kept.addAll(part.kept());
      from = to;
    }
    return new Written(missing, kept);
  }

  /**
   * Where a statement ends that begins with a row: at least after that one. Rows to insert are cut
   * into lists that the server keeps prepared.
   */
  private int end(Run run, List<PlannedRow> rows, int from) throws SQLException {
    int to = from;
    int bytes = 0;
    while (to < rows.size()) {
      bytes += RowList.size(rows.get(to).change());
      if (to > from && bytes > statementBytes) {
        break;
      }
      to++;
    }
    return switch (run.operation()) {
      case UPSERT, INSERT ->
          from + PreparedInserts.length(to - from, statement(Form.INSERT, run).rows().width());
      default -> to;
    };
  }

  private Written writeTogether(Run run, List<PlannedRow> rows) throws SQLException {
    return switch (run.operation()) {
      case UPSERT -> {
        upsert(run, rows);
        yield Written.ALL;
      }
      case INSERT -> {
        yield insertAbsent(run, rows).isEmpty() ? Written.ALL : differing(run, rows);
      }
      case REPLACE ->
          update(Form.UPDATE, run, rows) == rows.size() ? Written.ALL : differing(run, rows);
      case UPDATE ->
          run.written().comparesAny()
              ? updateFields(run, rows)
              : Written.missing(updated(run, rows));
      case DELETE -> delete(run.schema(), run.written(), rows);
      case KEY_CHANGE, TRUNCATE ->
          throw new IllegalArgumentException(run.operation() + " of many rows");
    };
  }

  private void upsert(Run run, List<PlannedRow> rows) throws SQLException {
    List<PlannedRow> present = insertAbsent(run, rows);
    if (!present.isEmpty()) {
      update(Form.UPDATE, run, present);
    }
  }

  /**
   * Inserts the rows of which there is none with the same key.
   *
   * @return the others, locked
   */
  private List<PlannedRow> insertAbsent(Run run, List<PlannedRow> rows) throws SQLException {
    SQLException taken;
    try {
      update(Form.INSERT, run, rows);
      return List.of();
    } catch (SQLException e) {
      if (!MyErrors.isTaken(e) || !run.schema().hasKey()) {
        throw e;
      }
      taken = e;
    }
    BitSet there = places(Form.PRESENT, run.schema(), WriteSet.NOTHING, rows);
    if (there.isEmpty()) {
      throw taken; // another index has one of the values
    }
    List<PlannedRow> absent = new ArrayList<>();
    List<PlannedRow> present = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      (there.get(i) ? present : absent).add(rows.get(i));
    }
    if (!absent.isEmpty()) {
      update(Form.INSERT, run, absent);
    }
    return present;
  }

  /** Those of guarded whole rows that are not as given. */
  private Written differing(Run run, List<PlannedRow> rows) throws SQLException {
    BitSet places = places(Form.DIFFERING, run.schema(), run.written(), rows);
    return new Written(List.of(), whole(rows, places));
  }

  private Written delete(TableSchema schema, WriteSet compared, List<PlannedRow> rows)
      throws SQLException {
    long gone = update(statement(Form.DELETE, schema, Run.Operation.DELETE, compared), rows);
    if (gone == rows.size() || !compared.comparesAny()) {
      return Written.ALL;
    }
    return new Written(
        List.of(), whole(rows, places(Form.PRESENT, schema, WriteSet.NOTHING, rows)));
  }

  private static List<KeptRow> whole(List<PlannedRow> rows, BitSet places) {
    return places.stream().mapToObj(i -> new KeptRow(rows.get(i), List.of())).toList();
  }

  /** All fields of all rows at once where they hold what they replace, else field by field. */
  private Written updateFields(Run run, List<PlannedRow> rows) throws SQLException {
    RunStatement together = statement(Form.UPDATE, run);
    if (together.compared().isEmpty()) {
      return Written.missing(updated(run, rows));
    }
    // What is added must not be added twice: there is no second try for it.
    if (!run.written().addsAny() && update(together, rows) == rows.size()) {
      return Written.ALL;
    }
    BitSet found = new BitSet();
    List<KeptRow> kept = new ArrayList<>();
    RunStatement locking = statement(Form.LOCK_FIELDS, run);
    try (PreparedStatement query = bound(locking, rows);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        int place = row.getInt(1) - 1;
        found.set(place);
        List<Integer> fields = marked(locking.compared(), row.getString(2));
        if (!fields.isEmpty()) {
          kept.add(new KeptRow(rows.get(place), fields));
        }
      }
    }
    if (!found.isEmpty()) {
      update(Form.UPDATE_FIELDS, run, rows);
    }
    List<PlannedRow> missing = new ArrayList<>();
    for (int i = found.nextClearBit(0); i < rows.size(); i = found.nextClearBit(i + 1)) {
      missing.add(rows.get(i));
    }
    return new Written(missing, kept);
  }

  /** The columns that a text of 0 and 1 marks. */
  private static List<Integer> marked(List<Integer> compared, String marks) {
    List<Integer> ordinals = new ArrayList<>();
    for (int i = 0; i < marks.length(); i++) {
      if (marks.charAt(i) == '1') {
        ordinals.add(compared.get(i));
      }
    }
    return ordinals;
  }

  /** Updates rows as given; those that are missing are the answer. */
  private List<PlannedRow> updated(Run run, List<PlannedRow> rows) throws SQLException {
    long lacking = rows.size() - update(Form.UPDATE, run, rows);
    if (lacking == 0) {
      return List.of();
    }
    List<PlannedRow> missing = missing(run.schema(), rows);
    if (missing.size() != lacking) {
      throw new SQLException(lacking - missing.size() + " row(s) are one row here", "09000");
    }
    return missing;
  }

  private List<PlannedRow> missing(TableSchema schema, List<PlannedRow> rows) throws SQLException {
    BitSet places = places(Form.MISSING, schema, WriteSet.NOTHING, rows);
    return places.stream().mapToObj(rows::get).toList();
  }

  private Written changeKeys(Run run, List<PlannedRow> rows) throws SQLException {
    List<PlannedRow> missing = new ArrayList<>();
    List<KeptRow> kept = new ArrayList<>();
    for (PlannedRow row : rows) {
      if (run.written().comparesAny()) {
        changeGuardedKey(run, row, missing, kept);
      } else if (!changeKey(run, row)) {
        missing.add(row);
      }
    }
    return new Written(missing, kept);
  }

  private boolean changeKey(Run run, PlannedRow row) throws SQLException {
    if (update(Form.UPDATE, run, List.of(row)) == 1) {
      return true;
    }
    if (!run.written().isComplete()) {
      return false;
    }
    // The old row is gone already; what matters is that the new one is as given.
    upsert(whole(run, Run.Operation.UPSERT, row), List.of(come(run.schema(), row)));
    return true;
  }

  /**
   * As one where the old row holds what it replaces and the new key is free; else the old row goes
   * and the new one comes, each on its own terms.
   */
  private void changeGuardedKey(
      Run run, PlannedRow row, List<PlannedRow> missing, List<KeptRow> kept) throws SQLException {
    TableSchema schema = run.schema();
    RowChange.KeyChange change = (RowChange.KeyChange) row.change();
    boolean isFree =
        !run.written().isComplete()
            || places(Form.PRESENT, schema, WriteSet.NOTHING, List.of(come(schema, row))).isEmpty();
    if (isFree && update(Form.UPDATE, run, List.of(row)) == 1) {
      return;
    }
    if (!run.written().isComplete()) {
      missing.add(row);
      return;
    }
    PlannedRow gone =
        half(row, new RowChange.Delete(schema.id(), change.oldKey(), change.before()));
    WriteSet compared = WriteSet.deletes(change.before(), schema.columns().size());
    kept.addAll(delete(schema, compared, List.of(gone)).kept());
    Run insert = whole(run, Run.Operation.INSERT, row);
    kept.addAll(writeTogether(insert, insert.rows()).kept());
  }

  private static Run whole(Run run, Run.Operation operation, PlannedRow row) {
    return new Run(run.schema(), operation, run.written(), List.of(come(run.schema(), row)));
  }

  /** What comes of a change of key, as a row of its own. */
  private static PlannedRow come(TableSchema schema, PlannedRow row) {
    RowChange.KeyChange change = (RowChange.KeyChange) row.change();
    return half(row, new RowChange.Insert(schema.id(), change.newKey(), change.after()));
  }

  private static PlannedRow half(PlannedRow of, RowChange change) {
    return new PlannedRow(change, of.first(), of.last(), of.own());
  }

  /** Foreign keys act here always. */
  @Override
  public boolean replaceKey(Run run, RowChange.KeyChange change) {
    return false;
  }

  @Override
  public boolean makeRoom(Run run, List<PlannedRow> rows) throws SQLException {
    MyTargetTable table = targets.get(run.table());
    if (run.operation() != Run.Operation.UPDATE || run.written().comparesAny()) {
      return false;
    }
    List<Integer> vacated = RunStatement.vacated(table, run.schema(), run.written());
    boolean isReferenced =
        vacated.stream()
            .anyMatch(o -> table.referenced().contains(table.column(run.schema(), o).name()));
    if (vacated.isEmpty() || isReferenced) {
      return false; // those who refer would follow, and not come back
    }
    update(Form.VACATE, run, rows);
    return true;
  }

  @Override
  public @Nullable Long look(TableSchema schema, RowKey key, @Nullable String field)
      throws SQLException {
    WriteSet one =
        field == null ? WriteSet.NOTHING : WriteSet.only(schema.ordinalOf(field), schema);
    RunStatement sql = statement(Form.LOOK, schema, Run.Operation.UPDATE, one);
    try (PreparedStatement query = bound(sql, keys(schema, List.of(key)));
        ResultSet row = query.executeQuery()) {
      return row.next() ? digest(row) : null;
    }
  }

  private static long digest(ResultSet row) throws SQLException {
    ByteSink content = new ByteSink();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      byte[] value = row.getBytes(i);
      content.putVarint(value == null ? 0 : value.length + 1);
      content.put(value == null ? new byte[0] : value);
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(sha.digest(content.toBytes().toByteArray())).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  @Override
  public long deleteAllBut(TableSchema schema, List<RowKey> survivors) throws SQLException {
    if (survivors.isEmpty()) {
      String all = "DELETE FROM " + targets.get(schema.table()).name();
      try (PreparedStatement delete = connection.prepareStatement(all)) {
        return delete.executeLargeUpdate();
      }
    }
    RunStatement sql =
        statement(Form.DELETE_OTHERS, schema, Run.Operation.TRUNCATE, WriteSet.NOTHING);
    return update(sql, keys(schema, survivors));
  }

  private static List<PlannedRow> keys(TableSchema schema, List<RowKey> keys) {
    return keys.stream()
        .map(key -> new PlannedRow(new RowChange.Delete(schema.id(), key, Tuple.NONE), 0, 0))
        .toList();
  }

  /** Forgets every statement: a table may have changed. */
  void forget() {
    statements.clear();
    prepared.forget();
  }

  private long update(Form form, Run run, List<PlannedRow> rows) throws SQLException {
    return update(statement(form, run), rows);
  }

  /** How many rows were changed, or for a query that counts, what it counted. */
  private long update(RunStatement sql, List<PlannedRow> rows) throws SQLException {
    PreparedStatement kept = sql.isInsert() ? prepared.of(sql, rows.size()) : null;
    if (kept != null) {
      try {
        sql.rows().bind(kept, rows);
        return kept.executeLargeUpdate();
      } finally {
        kept.clearParameters(); // or each statement that is kept would hold its last rows
      }
    }
    try (PreparedStatement statement = bound(sql, rows)) {
      if (!statement.execute()) {
        return statement.getLargeUpdateCount();
      }
      try (ResultSet counted = statement.getResultSet()) {
        return counted.next() ? counted.getLong(1) : 0;
      }
    }
  }

  /** The places that a query gives, from 0. */
  private BitSet places(Form form, TableSchema schema, WriteSet written, List<PlannedRow> rows)
      throws SQLException {
    BitSet places = new BitSet();
    RunStatement sql = statement(form, schema, Run.Operation.UPDATE, written);
    try (PreparedStatement query = bound(sql, rows);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        places.set(row.getInt(1) - 1);
      }
    }
    return places;
  }

  private PreparedStatement bound(RunStatement sql, List<PlannedRow> rows) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql.sql(rows.size()));
    try {
      sql.rows().bind(statement, rows);
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private RunStatement statement(Form form, Run run) throws SQLException {
    return statement(form, run.schema(), run.operation(), run.written());
  }

  private RunStatement statement(
      Form form, TableSchema schema, Run.Operation operation, WriteSet written)
      throws SQLException {
    Kind kind = new Kind(schema.id(), form, operation, written);
    RunStatement known = statements.get(kind);
    if (known == null) {
      MyTargetTable table = targets.get(schema.table());
      known = RunStatement.of(form, table, schema, operation, written, rowWord);
      statements.put(kind, known);
    }
    return known;
  }

  private record Kind(SchemaId schema, Form form, Run.Operation operation, WriteSet written) {}
}
