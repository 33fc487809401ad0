package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.ChangedRow;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Rows of a run as a derived table {@code u}, which statements join with: one column for each value
 * that the statement uses, and {@code n}, the row's place from 1.
 *
 * <p>A first SELECT without rows names the columns, since the two servers agree on no other way;
 * its literals are of the kind that the values are, so that they decide nothing.
 */
final class RowList {
  private final MyTargetTable table;
  private final TableSchema shape;
  private final String rowWord;
  private final List<Cell> cells = new ArrayList<>();
  private final Map<Part, Image> images = new EnumMap<>(Part.class);

  /** Which image of a change a value is from. */
  enum Part {
    KEY,
    AFTER,
    BEFORE
  }

  /**
   * @param index from 0, in the row
   * @param place of its value in the image
   */
  private record Cell(Part part, int index, int place, ValueCoding coding, boolean isDelta) {}

  /** What is taken from one image: the cells of each place. */
  private static final class Image {
    private final List<List<Cell>> places = new ArrayList<>();
    private int cells;

    void add(Cell cell) {
      while (places.size() <= cell.place()) {
        places.add(new ArrayList<>(1));
      }
      places.get(cell.place()).add(cell);
      cells++;
    }

    List<Cell> at(int place) {
      return place < places.size() ? places.get(place) : List.of();
    }
  }

  /**
   * @param rowWord what stands before a row in VALUES
   */
  RowList(MyTargetTable table, TableSchema shape, String rowWord) {
    this.table = table;
    this.shape = shape;
    this.rowWord = rowWord;
  }

  /** Adds the key and gives the condition that finds its row in {@code t}. */
  String match() {
    StringJoiner match = new StringJoiner(" AND ");
    for (int place = 0; place < shape.key().size(); place++) {
      int ordinal = shape.key().get(place);
      ValueCoding coding = coding(ordinal);
      match.add(coding.finds(column(ordinal), add(Part.KEY, place, coding, false)));
    }
    return match.toString();
  }

  /** Adds a field's new value and gives its name. */
  String after(int ordinal) {
    return add(Part.AFTER, ordinal, coding(ordinal), false);
  }

  /** Adds what is to be added to a field, and gives the sum. */
  String sum(int ordinal) {
    ValueCoding coding = coding(ordinal);
    return coding.sum(column(ordinal), add(Part.AFTER, ordinal, coding, true));
  }

  /** Adds a field's previous value and gives the condition that {@code t} holds it. */
  String holdsPrevious(int ordinal) {
    ValueCoding coding = coding(ordinal);
    return coding.same(column(ordinal), add(Part.BEFORE, ordinal, coding, false));
  }

  /** The condition that {@code t} holds the value of this name. */
  String holds(int ordinal, String value) {
    return coding(ordinal).same(column(ordinal), value);
  }

  /** The value of this name if the condition holds, else what {@code t} has. */
  String either(int ordinal, String condition, String value) {
    return coding(ordinal).either(condition, column(ordinal), value);
  }

  /** The column of {@code t} that holds a field. */
  String column(int ordinal) {
    return "t." + SqlText.identifier(table.column(shape, ordinal).name());
  }

  private ValueCoding coding(int ordinal) {
    MyColumn column = table.column(shape, ordinal);
    ValueCoding coding = ValueCoding.of(shape.columns().get(ordinal).type(), column);
    if (coding == null) {
      throw new IllegalArgumentException("the shape of " + shape.table() + " does not fit");
    }
    return coding;
  }

  private String add(Part part, int place, ValueCoding coding, boolean isDelta) {
    Cell cell = new Cell(part, cells.size(), place, coding, isDelta);
    cells.add(cell);
    images.computeIfAbsent(part, p -> new Image()).add(cell);
    return "u.c" + cell.index();
  }

  /** How many values a row has. */
  int width() {
    return cells.size();
  }

  /** {@code (SELECT …) AS u} for so many rows. */
  String asTable(int rows) {
    StringBuilder sql = new StringBuilder("(SELECT 0 AS n");
    for (int i = 0; i < cells.size(); i++) {
      sql.append(", ").append(cells.get(i).coding().example()).append(" AS c").append(i);
    }
    sql.append(" FROM DUAL WHERE FALSE UNION ALL VALUES ");
    String values = ", ?".repeat(cells.size()) + ')';
    for (int n = 1; n <= rows; n++) {
      sql.append(n == 1 ? "" : ", ").append(rowWord).append('(').append(n).append(values);
    }
    return sql.append(") AS u").toString();
  }

  /** {@code VALUES (…), (…)} for so many rows of an INSERT. */
  String asValues(int rows) {
    StringBuilder sql = new StringBuilder("VALUES ");
    String values = '(' + ", ?".repeat(cells.size()).substring(2) + ')';
    for (int n = 1; n <= rows; n++) {
      sql.append(n == 1 ? "" : ", ").append(values);
    }
    return sql.toString();
  }

  /** Binds the values of the rows, one after the other. */
  void bind(PreparedStatement statement, List<PlannedRow> rows) throws SQLException {
    int base = 1;
    for (PlannedRow row : rows) {
      for (Map.Entry<Part, Image> image : images.entrySet()) {
        bind(statement, base, image.getValue(), tuple(image.getKey(), row.change()).reader());
      }
      base += cells.size();
    }
  }

  private static void bind(PreparedStatement statement, int base, Image image, TupleReader reader)
      throws SQLException {
    int wanted = image.cells;
    while (wanted > 0 && reader.next()) {
      for (Cell cell : image.at(reader.ordinal())) {
        bind(statement, base + cell.index(), cell, reader);
        wanted--;
      }
    }
    if (wanted > 0) {
      throw new SQLException("the row has too few columns", "22023");
    }
  }

  private static void bind(PreparedStatement statement, int index, Cell cell, TupleReader reader)
      throws SQLException {
    if (reader.tag() == FieldTag.NULL) {
      if (cell.part() == Part.KEY) {
        throw new SQLException("the row's key has a column without a value", "22004");
      }
      statement.setNull(index, Types.NULL);
      return;
    }
    Bytes value = reader.value();
    if (cell.isDelta()) {
      cell.coding().bindDelta(statement, index, value);
    } else {
      cell.coding().bind(statement, index, value);
    }
  }

  private static Tuple tuple(Part part, RowChange change) {
    return switch (part) {
      case KEY -> ChangedRow.keyOf(change).asTuple();
      case AFTER -> ChangedRow.afterOf(change);
      case BEFORE -> ChangedRow.beforeOf(change);
    };
  }

  /** Roughly how many bytes a change takes in a statement. */
  static int size(RowChange change) {
    int key = ChangedRow.keyOf(change).bytes().length();
    Tuple fields = change instanceof RowChange.Delete ? Tuple.NONE : ChangedRow.afterOf(change);
    return 64 + key + fields.bytes().length() + ChangedRow.beforeOf(change).bytes().length();
  }
}
