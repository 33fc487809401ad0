package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.table.TargetTable;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A local table as apply needs it. Immutable; read from the catalogue by {@link MyTargetCatalogue}.
 *
 * @param name database and table, quoted
 * @param columns by name, the generated ones too
 * @param keys the unique indexes on whole columns, the primary key first
 * @param keepsOrder whether its rows depend on others: foreign keys, from it or to it, or triggers
 * @param referenced the columns that foreign keys refer to
 */
record MyTargetTable(
    String name,
    Map<String, MyColumn> columns,
    List<UniqueKey> keys,
    boolean keepsOrder,
    Set<String> referenced)
    implements TargetTable {
  MyTargetTable {
    columns = Map.copyOf(columns);
    keys = List.copyOf(keys);
    referenced = Set.copyOf(referenced);
  }

  /**
   * @param index its name
   * @param columns in its order
   */
  record UniqueKey(String index, List<String> columns) {
    UniqueKey {
      columns = List.copyOf(columns);
    }
  }

  /** The column that holds field {@code ordinal} of rows of a shape that fits. */
  MyColumn column(TableSchema shape, int ordinal) {
    MyColumn column = columns.get(shape.columns().get(ordinal).name());
    if (column == null) {
      throw new IllegalArgumentException("the shape of " + shape.table() + " does not fit");
    }
    return column;
  }

  /** The unique key on exactly the columns that are the key of {@code shape}, or null. */
  @Nullable UniqueKey keyFor(TableSchema shape) {
    Set<String> wanted =
        shape.key().stream()
            .map(ordinal -> shape.columns().get(ordinal).name())
            .collect(Collectors.toUnmodifiableSet());
    for (UniqueKey key : keys) {
      if (Set.copyOf(key.columns()).equals(wanted)
          && key.columns().stream().noneMatch(this::isNullable)) {
        return key;
      }
    }
    return null;
  }

  private boolean isNullable(String name) {
    MyColumn column = columns.get(name);
    return column == null || column.nullable();
  }

  @Override
  public @Nullable String mismatch(TableSchema shape) {
    for (Column incoming : shape.columns()) {
      MyColumn local = columns.get(incoming.name());
      if (local == null) {
        return "the table has no column " + SqlText.identifier(incoming.name());
      }
      if (!local.generated() && ValueCoding.of(incoming.type(), local) == null) {
        return "column "
            + SqlText.identifier(incoming.name())
            + " is "
            + local.text()
            + " here and "
            + incoming.nativeType()
            + " there";
      }
    }
    for (MyColumn local : columns.values()) {
      if (local.needsValue() && shape.ordinalOf(local.name()) < 0) {
        return "column "
            + SqlText.identifier(local.name())
            + " is NOT NULL without a default, and the incoming rows don't have it";
      }
    }
    if (shape.hasKey() && keyFor(shape) == null) {
      return "no unique index without NULLs is on exactly the key columns of the incoming rows";
    }
    return null;
  }
}
