package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.hub.resolve.rule.ColumnRules;
import io.spokewire.hub.resolve.rule.FieldRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schema as the window sees it: each column's field number in its table, and its rule. Field
 * numbers are per table and outlive schema versions; {@link #EXISTENCE} is the row itself.
 */
final class Shape {
  /** The field that stands for the row's existence, {@code #} in the audit. */
  static final int EXISTENCE = 0;

  final TableSchema schema;
  final TableWindow table;
  private final int[] fields;
  private final FieldRule[] rules;
  private final @Nullable FieldGroup[] groups;
  private final boolean[] ordered;
  private final boolean hasOrdered;
  final boolean addsUp;

  /** What becomes of a row that one site deletes and another one writes. */
  final DeletePolicy delete;

  /** Whether outcomes say what they replace. */
  final boolean protectsPending;

  Shape(TableSchema schema, TableWindow table, TableRules tableRules) {
    this.schema = schema;
    this.table = table;
    this.fields = new int[schema.columns().size()];
    this.rules = new FieldRule[fields.length];
    this.ordered = new boolean[fields.length];
    boolean anyAddsUp = false;
    boolean anyOrdered = false;
    for (int i = 0; i < fields.length; i++) {
      Column column = schema.columns().get(i);
      fields[i] = table.fieldNumber(column.name());
      rules[i] = tableRules.columns().ruleFor(schema, column);
      ordered[i] = ColumnRules.isOrdered(column) && !schema.isKey(i);
      anyAddsUp |= rules[i].addsUp();
      anyOrdered |= ordered[i];
    }
    this.addsUp = anyAddsUp;
    this.delete = tableRules.delete();
    this.protectsPending = tableRules.protectsPending();
    this.hasOrdered = anyOrdered;
    this.groups = new FieldGroup[fields.length];
    tableRules.groups().forEach(this::group);
  }

  private void group(List<String> columns) {
    int[] members =
        columns.stream().mapToInt(schema::ordinalOf).filter(ordinal -> ordinal >= 0).toArray();
    FieldSet set = FieldSet.of(Arrays.stream(members).map(this::field).toArray());
    for (int ordinal : members) {
      groups[ordinal] = new FieldGroup(members, set);
    }
  }

  int columns() {
    return fields.length;
  }

  /** The field number of the column at this place in a tuple. */
  int field(int ordinal) {
    return fields[ordinal];
  }

  /** The group the column is settled with; null if it is settled alone. */
  @Nullable FieldGroup group(int ordinal) {
    return groups[ordinal];
  }

  FieldRule rule(int ordinal) {
    return rules[ordinal];
  }

  /** Whether a rule may compare this column's values to settle another one. */
  boolean isOrdered(int ordinal) {
    return ordered[ordinal];
  }

  boolean hasOrdered() {
    return hasOrdered;
  }

  /** The place of a field in this schema's tuples, or -1. */
  int ordinalOf(int field) {
    for (int i = 0; i < fields.length; i++) {
      if (fields[i] == field) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Columns that are settled as one: who writes one of them has written all, as it saw them.
   *
   * @param ordinals their places in this schema's tuples
   * @param fields their field numbers
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  record FieldGroup(int[] ordinals, FieldSet fields) {}

  /** These columns, and UNCHANGED in all others. */
  Tuple only(Map<Integer, Field> values) {
    @Nullable Field[] fields = new Field[columns()];
    values.forEach((ordinal, value) -> fields[ordinal] = value);
    return Tuple.of(fields, Field.UNCHANGED);
  }

  /** Whether an image says something of every column. */
  boolean isWhole(Tuple image) {
    for (Field field : RowWrite.present(image, columns())) {
      if (field == null) {
        return false;
      }
    }
    return !image.isNone();
  }
}
