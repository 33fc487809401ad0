package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import io.spokewire.hub.resolve.rule.ColumnRules;
import io.spokewire.hub.resolve.rule.FieldRule;

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
  private final boolean[] ordered;
  private final boolean hasOrdered;
  final boolean addsUp;

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
    this.hasOrdered = anyOrdered;
  }

  int columns() {
    return fields.length;
  }

  /** The field number of the column at this place in a tuple. */
  int field(int ordinal) {
    return fields[ordinal];
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
}
