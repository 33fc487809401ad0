package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.schema.mysql.MyValueEncoder;
import io.spokewire.common.change.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * How to read the rows of a table as a table map described it. Not thread-safe: encoders are not.
 */
final class TablePlan {
  /** For tables that the plan does not name. */
  static final TablePlan OUTSIDE = new TablePlan(null, null, new Value[0], new int[0], -1);

  private final @Nullable TableMap map;
  private final @Nullable TableSchema schema;
  private final Value[] values;
  private final int[] key;
  private final int markColumn;

  private TablePlan(
      @Nullable TableMap map,
      @Nullable TableSchema schema,
      Value[] values,
      int[] key,
      int markColumn) {
    this.map = map;
    this.schema = schema;
    this.values = values;
    this.key = key;
    this.markColumn = markColumn;
  }

  /**
   * @param values of each of the schema's columns, in its order
   */
  static TablePlan of(TableMap map, TableSchema schema, Value[] values) {
    int[] key = schema.key().stream().mapToInt(Integer::intValue).toArray();
    return new TablePlan(map, schema, values, key, -1);
  }

  /** For a table of ours, whose column {@code markColumn} carries sealed marks. */
  static TablePlan ofMarks(TableMap map, int markColumn) {
    return new TablePlan(map, null, new Value[0], new int[0], markColumn);
  }

  /** Where values lie; not of tables outside. */
  TableMap map() {
    if (map == null) {
      throw new IllegalStateException("a table outside the plan has no rows");
    }
    return map;
  }

  /** Null if the rows are not for us. */
  @Nullable TableSchema schema() {
    return schema;
  }

  boolean isMarks() {
    return markColumn >= 0;
  }

  /** The log's column with the mark. */
  int markColumn() {
    return markColumn;
  }

  int columns() {
    return values.length;
  }

  Value value(int ordinal) {
    return values[ordinal];
  }

  /** Whether anything needs the log's column. */
  boolean reads(int column) {
    for (Value value : values) {
      if (value.column() == column) {
        return true;
      }
    }
    return column == markColumn;
  }

  int keyColumns() {
    return key.length;
  }

  int keyColumn(int index) {
    return key[index];
  }

  /**
   * How one column's values are read.
   *
   * @param column the log's
   * @param form which sort of bytes lie there
   * @param unsigned of integers
   * @param text of texts that are not UTF-8 already; null for others
   * @param labels of enums and sets, in UTF-8; null for others
   * @param encoder makes them canonical
   */
  record Value(
      int column,
      Form form,
      boolean unsigned,
      @Nullable CharacterSet text,
      byte @Nullable [][] labels,
      MyValueEncoder encoder) {}

  /** Sorts of bytes in a row. */
  enum Form {
    INTEGER,
    YEAR,
    DECIMAL,
    FLOAT,
    DOUBLE,
    DATE,
    TIME,
    DATETIME,
    TIMESTAMP,
    BIT,
    ENUM,
    SET,
    TEXT,
    BYTES,
    FIXED_BYTES,
    JSON,
    UUID,
    ADDRESS
  }
}
