package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.WriteSet;
import io.spokewire.agent.apply.postgres.PgTargetTable.TargetColumn;
import io.spokewire.agent.apply.postgres.PgTargetTable.UniqueKey;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The SQL for runs of one kind. Its parameters are arrays, one for each key column in key order
 * (not for an upsert), then one for each written column in column order, then one for the previous
 * value of each compared column in column order. Immutable.
 *
 * @param sql the statement
 * @param keys how the key columns are sent; empty for an upsert
 * @param written the ordinals of the written columns, in order
 * @param codings how each written column is sent
 * @param compared the ordinals of the columns whose previous values are sent, in order
 * @param previous how each of them is sent
 * @param countsRows whether the statement must affect one row for each row given
 */
record RunStatement(
    String sql,
    List<ElementCoding> keys,
    List<Integer> written,
    List<ElementCoding> codings,
    List<Integer> compared,
    List<ElementCoding> previous,
    boolean countsRows) {
  RunStatement {
    keys = List.copyOf(keys);
    written = List.copyOf(written);
    codings = List.copyOf(codings);
    compared = List.copyOf(compared);
    previous = List.copyOf(previous);
  }

  RunStatement(
      String sql,
      List<ElementCoding> keys,
      List<Integer> written,
      List<ElementCoding> codings,
      boolean countsRows) {
    this(sql, keys, written, codings, List.of(), List.of(), countsRows);
  }

  /** What a statement does about a run. */
  enum Form {
    /**
     * Writes the rows; where they are guarded, those that hold what they replace in every field.
     */
    WRITE,
    /** Writes fields of updates, each where it holds what it replaces; says which did not. */
    WRITE_FIELDS,
    /** Says which of the keys given have no row. */
    MISSING,
    /** Says which of the rows given are not there as they are given. */
    DIFFERING,
    /** Says which of the keys given have a row. */
    PRESENT,
    /** Gives a number for what is in the row, or in the one written column; locks the row. */
    LOOK
  }

  /** The statement for a form; the shape must fit the table. */
  static RunStatement of(
      Form form,
      PgTargetTable table,
      TableSchema shape,
      Run.Operation operation,
      WriteSet written) {
    return switch (form) {
      case WRITE -> of(table, shape, operation, written);
      case WRITE_FIELDS -> updateFields(table, shape, written);
      case MISSING -> missing(table, shape);
      case DIFFERING -> differing(table, shape, written);
      case PRESENT -> present(table, shape);
      case LOOK -> look(table, shape, written);
    };
  }

  /** The statement for a kind of run; the shape must fit the table. */
  static RunStatement of(
      PgTargetTable table, TableSchema shape, Run.Operation operation, WriteSet written) {
    return switch (operation) {
      case UPSERT -> upsert(table, shape, written, true);
      case INSERT -> upsert(table, shape, written, false);
      case UPDATE, REPLACE -> update(table, shape, written, false);
      case KEY_CHANGE -> update(table, shape, written, true);
      case DELETE ->
          written.comparesAny() ? guardedDelete(table, shape, written) : delete(table, shape);
      case TRUNCATE -> truncate(table, shape);
    };
  }

  /** Which of the given keys have no row: gives their places, from 1. */
  static RunStatement missing(PgTargetTable table, TableSchema shape) {
    Source source = new Source();
    String match = source.match(table, shape);
    String sql =
        "SELECT u.n FROM "
            + source.from(true)
            + " WHERE NOT EXISTS (SELECT FROM "
            + table.target()
            + " AS t WHERE "
            + match
            + ") ORDER BY u.n";
    return new RunStatement(sql, source.codings, List.of(), List.of(), false);
  }

  /** Takes away every row but those whose keys are given. */
  private static RunStatement truncate(PgTargetTable table, TableSchema shape) {
    Source source = new Source();
    String match = source.match(table, shape);
    String sql =
        "DELETE FROM "
            + table.target()
            + " AS t WHERE NOT EXISTS (SELECT FROM "
            + source.from(false)
            + " WHERE "
            + match
            + ")";
    return new RunStatement(sql, source.codings, List.of(), List.of(), false);
  }

  private static RunStatement look(PgTargetTable table, TableSchema shape, WriteSet one) {
    Source source = new Source();
    String match = source.match(table, shape);
    String what = "pg_catalog.hashtextextended((t.*)::text COLLATE \"C\", 0)";
    for (int i = 0; i < one.actions().length(); i++) {
      if (one.writes(i)) {
        String name = SqlText.identifier(column(table, shape, i).name());
        what = "COALESCE(pg_catalog.hashtextextended(t." + name + "::text COLLATE \"C\", 0), 1)";
      }
    }
    String sql =
        "SELECT "
            + what
            + " FROM "
            + table.target()
            + " AS t, "
            + source.from(false)
            + " WHERE "
            + match
            + " FOR UPDATE OF t";
    return new RunStatement(sql, source.codings, List.of(), List.of(), false);
  }

  private static RunStatement present(PgTargetTable table, TableSchema shape) {
    Source source = new Source();
    String match = source.match(table, shape);
    String sql =
        "SELECT u.n FROM "
            + source.from(true)
            + " WHERE EXISTS (SELECT FROM "
            + table.target()
            + " AS t WHERE "
            + match
            + ") ORDER BY u.n";
    return new RunStatement(sql, source.codings, List.of(), List.of(), false);
  }

  private static RunStatement differing(PgTargetTable table, TableSchema shape, WriteSet written) {
    Source source = new Source();
    StringJoiner match = new StringJoiner(" AND ");
    match.add(source.match(table, shape));
    int keys = source.codings.size();
    List<Integer> ordinals = new ArrayList<>();
    for (int ordinal : writable(table, shape, written)) {
      if (shape.isKey(ordinal)) {
        continue;
      }
      ordinals.add(ordinal);
      match.add(same(source, table, shape, ordinal));
    }
    String sql =
        "SELECT u.n FROM "
            + source.from(true)
            + " WHERE NOT EXISTS (SELECT FROM "
            + table.target()
            + " AS t WHERE "
            + match
            + ") ORDER BY u.n";
    return new RunStatement(
        sql,
        source.codings.subList(0, keys),
        ordinals,
        source.codings.subList(keys, source.codings.size()),
        false);
  }

  private static RunStatement guardedDelete(
      PgTargetTable table, TableSchema shape, WriteSet compared) {
    Source source = new Source();
    StringJoiner match = new StringJoiner(" AND ");
    match.add(source.match(table, shape));
    int keys = source.codings.size();
    List<Integer> ordinals = comparable(table, shape, compared);
    ordinals.forEach(ordinal -> match.add(same(source, table, shape, ordinal)));
    String sql =
        "DELETE FROM " + table.target() + " AS t USING " + source.from(false) + " WHERE " + match;
    return new RunStatement(
        sql,
        source.codings.subList(0, keys),
        List.of(),
        List.of(),
        ordinals,
        source.codings.subList(keys, source.codings.size()),
        false);
  }

  /**
   * Gives, for each row that is there, its place and for each compared column, in order, whether it
   * differs now from what was to be written: 1 or 0.
   */
  private static RunStatement updateFields(
      PgTargetTable table, TableSchema shape, WriteSet written) {
    Source source = new Source();
    String match = source.match(table, shape);
    int keys = source.codings.size();
    List<Integer> ordinals = assignable(table, shape, written, false);
    List<Integer> compared = comparable(table, shape, written);
    List<String> values =
        ordinals.stream()
            .map(i -> source.add(shape.columns().get(i), column(table, shape, i)))
            .toList();
    int firstPrevious = source.codings.size();
    StringJoiner assignments = new StringJoiner(", ");
    StringJoiner differences = new StringJoiner(" || ").setEmptyValue("''");
    for (int i = 0; i < ordinals.size(); i++) {
      int ordinal = ordinals.get(i);
      TargetColumn column = column(table, shape, ordinal);
      String name = SqlText.identifier(column.name());
      String value = values.get(i);
      if (written.adds(ordinal)) {
        value = "t." + name + " + " + value;
      } else if (compared.contains(ordinal)) {
        String isSame = same(source, table, shape, ordinal);
        differences.add(
            "CASE WHEN " + column.same("t." + name, "u.c" + (keys + i)) + " THEN '0' ELSE '1' END");
        value = "CASE WHEN " + isSame + " THEN " + value + " ELSE t." + name + " END";
      }
      assignments.add(name + " = " + value);
    }
    String sql =
        "UPDATE "
            + table.target()
            + " AS t SET "
            + assignments
            + " FROM "
            + source.from(true)
            + " WHERE "
            + match
            + " RETURNING u.n, "
            + differences;
    return new RunStatement(
        sql,
        source.codings.subList(0, keys),
        ordinals,
        source.codings.subList(keys, firstPrevious),
        compared,
        source.codings.subList(firstPrevious, source.codings.size()),
        false);
  }

  /** Whether a column holds the next value of the source. */
  private static String same(Source source, PgTargetTable table, TableSchema shape, int ordinal) {
    TargetColumn column = column(table, shape, ordinal);
    source.add(shape.columns().get(ordinal), column);
    return column.same(
        "t." + SqlText.identifier(column.name()), "u.c" + (source.codings.size() - 1));
  }

  private static RunStatement upsert(
      PgTargetTable table, TableSchema shape, WriteSet written, boolean overwrites) {
    Source source = new Source();
    List<Integer> ordinals = writable(table, shape, written);
    StringJoiner names = new StringJoiner(", ");
    StringJoiner values = new StringJoiner(", ");
    StringJoiner assignments = new StringJoiner(", ");
    for (int ordinal : ordinals) {
      TargetColumn column = column(table, shape, ordinal);
      String name = SqlText.identifier(column.name());
      names.add(name);
      values.add(source.add(shape.columns().get(ordinal), column));
      if (!shape.isKey(ordinal) && !column.alwaysIdentity()) {
        assignments.add(name + " = excluded." + name);
      }
    }
    StringBuilder sql = new StringBuilder("INSERT INTO ").append(table.name()).append(" (");
    sql.append(names).append(')');
    if (table.hasAlwaysIdentity()) {
      sql.append(" OVERRIDING SYSTEM VALUE");
    }
    sql.append(" SELECT ").append(values).append(" FROM ").append(source.from(false));
    boolean counts = true;
    if (shape.hasKey()) {
      StringJoiner key = new StringJoiner(", ", " ON CONFLICT (", ")");
      shape.key().forEach(k -> key.add(SqlText.identifier(shape.columns().get(k).name())));
      sql.append(key);
      if (assignments.length() == 0 || !overwrites) {
        sql.append(" DO NOTHING");
        counts = false;
      } else {
        sql.append(" DO UPDATE SET ").append(assignments);
      }
    }
    return new RunStatement(sql.toString(), List.of(), ordinals, source.codings, counts);
  }

  private static RunStatement update(
      PgTargetTable table, TableSchema shape, WriteSet written, boolean changesKey) {
    Source source = new Source();
    String match = source.match(table, shape);
    int keys = source.codings.size();
    List<Integer> ordinals = assignable(table, shape, written, changesKey);
    StringJoiner assignments = new StringJoiner(", ");
    for (int ordinal : ordinals) {
      TargetColumn column = column(table, shape, ordinal);
      String name = SqlText.identifier(column.name());
      String value = source.add(shape.columns().get(ordinal), column);
      assignments.add(name + " = " + (written.adds(ordinal) ? "t." + name + " + " : "") + value);
    }
    if (ordinals.isEmpty()) {
      // Nothing of it is written here, but the row must exist: touch nothing and count.
      String sql =
          "SELECT count(*) FROM "
              + table.target()
              + " AS t, "
              + source.from(false)
              + " WHERE "
              + match;
      return new RunStatement(sql, source.codings, List.of(), List.of(), true);
    }
    int firstPrevious = source.codings.size();
    List<Integer> compared = comparable(table, shape, written);
    StringBuilder guard = new StringBuilder();
    compared.forEach(i -> guard.append(" AND ").append(same(source, table, shape, i)));
    if (changesKey && !compared.isEmpty()) {
      guard.append(" AND NOT EXISTS (SELECT FROM ").append(table.target()).append(" AS o WHERE ");
      StringJoiner taken = new StringJoiner(" AND ");
      for (int ordinal : shape.key()) {
        TargetColumn column = column(table, shape, ordinal);
        int at = keys + ordinals.indexOf(ordinal);
        taken.add(
            "o."
                + SqlText.identifier(column.name())
                + " "
                + operator(table, shape, column)
                + " u.c"
                + at
                + "::"
                + column.castType());
      }
      guard.append(taken).append(')');
    }
    String sql =
        "UPDATE "
            + table.target()
            + " AS t SET "
            + assignments
            + " FROM "
            + source.from(false)
            + " WHERE "
            + match
            + guard;
    return new RunStatement(
        sql,
        source.codings.subList(0, keys),
        ordinals,
        source.codings.subList(keys, firstPrevious),
        compared,
        source.codings.subList(firstPrevious, source.codings.size()),
        true);
  }

  private static RunStatement delete(PgTargetTable table, TableSchema shape) {
    Source source = new Source();
    String sql;
    if (shape.key().size() == 1) {
      int ordinal = shape.key().getFirst();
      TargetColumn column = column(table, shape, ordinal);
      ElementCoding coding =
          ElementCoding.of(shape.columns().get(ordinal).type(), column.baseOid());
      source.codings.add(coding);
      sql =
          "DELETE FROM "
              + table.target()
              + " AS t WHERE t."
              + SqlText.identifier(column.name())
              + " "
              + operator(table, shape, column)
              + " ANY ((?::"
              + arrayType(coding)
              + ")::"
              + column.castType()
              + "[])";
    } else {
      String match = source.match(table, shape);
      sql =
          "DELETE FROM " + table.target() + " AS t USING " + source.from(false) + " WHERE " + match;
    }
    return new RunStatement(sql, source.codings, List.of(), List.of(), false);
  }

  /** The written columns that an update may set. */
  private static List<Integer> assignable(
      PgTargetTable table, TableSchema shape, WriteSet written, boolean changesKey) {
    List<Integer> ordinals = writable(table, shape, written);
    ordinals.removeIf(
        i -> (shape.isKey(i) && !changesKey) || column(table, shape, i).alwaysIdentity());
    return ordinals;
  }

  /** The columns that are compared and whose value is not the database's own doing. */
  private static List<Integer> comparable(
      PgTargetTable table, TableSchema shape, WriteSet written) {
    List<Integer> ordinals = new ArrayList<>();
    for (int i = 0; i < shape.columns().size(); i++) {
      TargetColumn column = column(table, shape, i);
      if (written.compares(i)
          && !shape.isKey(i)
          && !column.generated()
          && !column.alwaysIdentity()) {
        ordinals.add(i);
      }
    }
    return ordinals;
  }

  /** The written columns that the database lets anyone write. */
  private static List<Integer> writable(PgTargetTable table, TableSchema shape, WriteSet written) {
    List<Integer> ordinals = new ArrayList<>();
    for (int i = 0; i < shape.columns().size(); i++) {
      if (written.writes(i) && !column(table, shape, i).generated()) {
        ordinals.add(i);
      }
    }
    return ordinals;
  }

  private static TargetColumn column(PgTargetTable table, TableSchema shape, int ordinal) {
    @Nullable TargetColumn column = table.columns().get(shape.columns().get(ordinal).name());
    if (column == null) {
      throw new IllegalArgumentException("the shape of " + shape.table() + " does not fit");
    }
    return column;
  }

  private static String operator(PgTargetTable table, TableSchema shape, TargetColumn column) {
    @Nullable UniqueKey key = table.keyFor(shape);
    @Nullable String operator = key == null ? null : key.operators().get(column.name());
    if (operator == null) {
      throw new IllegalArgumentException("the key of " + shape.table() + " does not fit");
    }
    return operator;
  }

  private static String arrayType(ElementCoding coding) {
    return "pg_catalog." + coding.typeName() + "[]";
  }

  /**
   * The rows of a statement: {@code ROWS FROM (unnest(?), ...) AS u(c0, ...)}, and how to cast each
   * column.
   */
  private static final class Source {
    private final List<ElementCoding> codings = new ArrayList<>();

    String add(Column incoming, TargetColumn target) {
      ElementCoding coding = ElementCoding.of(incoming.type(), target.baseOid());
      codings.add(coding);
      return "u.c" + (codings.size() - 1) + "::" + target.castType();
    }

    String match(PgTargetTable table, TableSchema shape) {
      StringJoiner match = new StringJoiner(" AND ");
      for (int ordinal : shape.key()) {
        TargetColumn column = column(table, shape, ordinal);
        String value = add(shape.columns().get(ordinal), column);
        match.add(
            "t."
                + SqlText.identifier(column.name())
                + " "
                + operator(table, shape, column)
                + " "
                + value);
      }
      return match.toString();
    }

    String from(boolean numbered) {
      StringJoiner arrays = new StringJoiner(", ", "ROWS FROM (", ")");
      StringJoiner names = new StringJoiner(", ", " AS u(", ")");
      for (int i = 0; i < codings.size(); i++) {
        arrays.add("pg_catalog.unnest(?::" + arrayType(codings.get(i)) + ")");
        names.add("c" + i);
      }
      if (numbered) {
        names.add("n");
      }
      return arrays + (numbered ? " WITH ORDINALITY" : "") + names;
    }
  }
}
