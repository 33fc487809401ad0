package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.WriteSet;
import io.spokewire.agent.apply.mysql.MyTargetTable.UniqueKey;
import io.spokewire.common.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The SQL for runs of one kind, for any number of rows: what stands before their list, and after
 * it. Immutable once made.
 *
 * <p>The table is always joined from the list, and by the key's index: a plan that reads the whole
 * table, as a small one invites to, would wait for the locks of rows that don't concern it.
 *
 * @param rows the list
 * @param compared the ordinals of the columns that are compared, in order
 * @param isInsert whether the list stands as VALUES of an INSERT
 */
record RunStatement(
    String before, RowList rows, String after, List<Integer> compared, boolean isInsert) {
  /** What a statement does about a run. */
  enum Form {
    /** Inserts the rows; none if one of them is there. */
    INSERT,
    /** Changes the rows; where they are guarded, those that hold what they replace everywhere. */
    UPDATE,
    /** Deletes the rows; likewise. */
    DELETE,
    /** Changes fields of rows, each where it holds what it replaces. */
    UPDATE_FIELDS,
    /** Gives, for each row that is there, its place and which fields stay as they are; locks. */
    LOCK_FIELDS,
    /** Gives the places of rows that are not there. */
    MISSING,
    /** Gives the places of rows that are not there as they are given. */
    DIFFERING,
    /** Gives the places of rows that are there; locks them. */
    PRESENT,
    /** Gives what is in the row, or in the one written column; locks the row. */
    LOOK,
    /** Takes what the rows have in unique columns that are about to be written out of the way. */
    VACATE,
    /** Deletes all rows but those of the list. */
    DELETE_OTHERS
  }

  RunStatement {
    compared = List.copyOf(compared);
  }

  /** The statement for so many rows. */
  String sql(int count) {
    return before + (isInsert ? rows.asValues(count) : rows.asTable(count)) + after;
  }

  /** The statement for a form; the shape must fit the table. */
  static RunStatement of(
      Form form,
      MyTargetTable table,
      TableSchema shape,
      Run.Operation operation,
      WriteSet written,
      String rowWord) {
    Maker maker = new Maker(table, shape, written, new RowList(table, shape, rowWord));
    return switch (form) {
      case INSERT -> maker.insert();
      case UPDATE -> maker.update(operation == Run.Operation.KEY_CHANGE);
      case DELETE -> maker.delete();
      case UPDATE_FIELDS -> maker.updateFields();
      case LOCK_FIELDS -> maker.lockFields();
      case MISSING -> maker.places(" LEFT JOIN ", "", maker.isAbsent());
      case DIFFERING -> maker.differing();
      case PRESENT -> maker.places(" STRAIGHT_JOIN ", "", " FOR UPDATE");
      case LOOK -> maker.look();
      case VACATE -> maker.vacate();
      case DELETE_OTHERS -> maker.deleteOthers();
    };
  }

  /** The unique columns that a write of these fields moves, one of each index. */
  static List<Integer> vacated(MyTargetTable table, TableSchema shape, WriteSet written) {
    List<Integer> ordinals = new ArrayList<>();
    for (UniqueKey key : table.keys()) {
      key.columns().stream()
          .map(shape::ordinalOf)
          .filter(o -> o >= 0 && written.writes(o) && !shape.isKey(o))
          .filter(o -> !table.column(shape, o).generated())
          .filter(o -> placeholder(table.column(shape, o)) != null)
          .findFirst()
          .ifPresent(o -> ordinals.add(o));
    }
    return ordinals.stream().distinct().sorted().toList();
  }

  /** A value that no other row of the list gets, and hardly any other row has. */
  private static @Nullable String placeholder(MyColumn column) {
    if (column.nullable()) {
      return "NULL";
    }
    if (column.isWhole()) {
      return column.isUnsigned() ? column.most() + " - u.n" : column.least() + " + u.n";
    }
    return switch (column.type()) {
      case "char", "varchar" -> column.length() >= 36 ? "LEFT(UUID(), 36)" : null;
      default -> null;
    };
  }

  /** Makes one statement. */
  private record Maker(MyTargetTable table, TableSchema shape, WriteSet written, RowList rows) {
    RunStatement insert() {
      StringJoiner names = new StringJoiner(", ");
      for (int ordinal : writable()) {
        names.add(SqlText.identifier(table.column(shape, ordinal).name()));
        rows.after(ordinal);
      }
      return new RunStatement(
          "INSERT INTO " + table.name() + " (" + names + ") ", rows, "", List.of(), true);
    }

    RunStatement update(boolean changesKey) {
      String match = rows.match();
      StringJoiner assignments = new StringJoiner(", ");
      for (int ordinal : assignable(changesKey)) {
        assignments.add(rows.column(ordinal) + " = " + value(ordinal));
      }
      List<Integer> compared = comparable();
      StringBuilder on = new StringBuilder(match);
      compared.forEach(ordinal -> on.append(" AND ").append(rows.holdsPrevious(ordinal)));
      return assignments.length() == 0
          // Nothing of it is written here, but the row must exist: touch nothing and count.
          ? statement("SELECT COUNT(*) FROM ", " STRAIGHT_JOIN ", on, "", compared)
          : statement("UPDATE ", " STRAIGHT_JOIN ", on, " SET " + assignments, compared);
    }

    RunStatement delete() {
      StringBuilder on = new StringBuilder(rows.match());
      List<Integer> compared = comparable();
      compared.forEach(ordinal -> on.append(" AND ").append(rows.holdsPrevious(ordinal)));
      return statement("DELETE t FROM ", " STRAIGHT_JOIN ", on, "", compared);
    }

    RunStatement updateFields() {
      String match = rows.match();
      List<Integer> compared = comparable();
      StringJoiner assignments = new StringJoiner(", ");
      for (int ordinal : assignable(false)) {
        String value = value(ordinal);
        assignments.add(
            rows.column(ordinal)
                + " = "
                + (compared.contains(ordinal)
                    ? rows.either(ordinal, rows.holdsPrevious(ordinal), value)
                    : value));
      }
      return statement("UPDATE ", " STRAIGHT_JOIN ", match, " SET " + assignments, compared);
    }

    RunStatement lockFields() {
      String match = rows.match();
      List<Integer> compared = comparable();
      StringJoiner marks = new StringJoiner(", ", "CONCAT('', ", ")").setEmptyValue("''");
      for (int ordinal : compared) {
        marks.add(
            "IF("
                + rows.holdsPrevious(ordinal)
                + " OR "
                + rows.holds(ordinal, rows.after(ordinal))
                + ", '0', '1')");
      }
      return statement(
          "SELECT u.n, " + marks + " FROM ", " STRAIGHT_JOIN ", match, " FOR UPDATE", compared);
    }

    RunStatement places(String join, String more, String end) {
      String match = rows.match();
      return statement("SELECT u.n FROM ", join, match + more, end, List.of());
    }

    RunStatement differing() {
      StringBuilder on = new StringBuilder(rows.match());
      for (int ordinal : writable()) {
        if (!shape.isKey(ordinal)) {
          on.append(" AND ").append(rows.holds(ordinal, rows.after(ordinal)));
        }
      }
      return statement("SELECT u.n FROM ", " LEFT JOIN ", on, isAbsent(), List.of());
    }

    RunStatement look() {
      String match = rows.match();
      String what = "t.*";
      for (int i = 0; i < written.actions().length(); i++) {
        what = written.writes(i) ? rows.column(i) : what;
      }
      return statement(
          "SELECT " + what + " FROM ", " STRAIGHT_JOIN ", match, " FOR UPDATE", List.of());
    }

    RunStatement vacate() {
      String match = rows.match();
      StringJoiner assignments = new StringJoiner(", ");
      for (int ordinal : vacated(table, shape, written)) {
        assignments.add(rows.column(ordinal) + " = " + placeholder(table.column(shape, ordinal)));
      }
      return statement("UPDATE ", " STRAIGHT_JOIN ", match, " SET " + assignments, List.of());
    }

    RunStatement deleteOthers() {
      String match = rows.match();
      return new RunStatement(
          "DELETE t FROM " + table.name() + " AS t LEFT JOIN ",
          rows,
          " ON " + match + " WHERE u.n IS NULL",
          List.of(),
          false);
    }

    /** For the end of an outer join: there is no such row. */
    String isAbsent() {
      return " WHERE " + rows.column(shape.key().getFirst()) + " IS NULL";
    }

    private RunStatement statement(
        String before, String join, CharSequence on, String end, List<Integer> compared) {
      UniqueKey key = table.keyFor(shape);
      if (key == null) {
        throw new IllegalArgumentException("the key of " + shape.table() + " does not fit");
      }
      String after =
          join
              + table.name()
              + " AS t FORCE INDEX ("
              + SqlText.identifier(key.index())
              + ") ON "
              + on
              + end;
      return new RunStatement(before, rows, after, compared, false);
    }

    private String value(int ordinal) {
      return written.adds(ordinal) ? rows.sum(ordinal) : rows.after(ordinal);
    }

    /** The written columns that the database lets anyone write. */
    private List<Integer> writable() {
      List<Integer> ordinals = new ArrayList<>();
      for (int i = 0; i < shape.columns().size(); i++) {
        if (written.writes(i) && !table.column(shape, i).generated()) {
          ordinals.add(i);
        }
      }
      return ordinals;
    }

    /** The written columns that an update sets. */
    private List<Integer> assignable(boolean changesKey) {
      List<Integer> ordinals = writable();
      ordinals.removeIf(i -> shape.isKey(i) && !changesKey);
      return ordinals;
    }

    /** The columns that are compared and whose value is not the database's own doing. */
    private List<Integer> comparable() {
      if (!written.comparesAny()) {
        return List.of();
      }
      List<Integer> ordinals = new ArrayList<>();
      for (int i = 0; i < shape.columns().size(); i++) {
        if (written.compares(i) && !shape.isKey(i) && !table.column(shape, i).generated()) {
          ordinals.add(i);
        }
      }
      return ordinals;
    }
  }
}
