package io.spokewire.common.type;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * In which logical types columns travel, where that is agreed: the part of a plan that both hub and
 * agents act on. A column that is not named travels as its agent has it. Immutable.
 */
public record AgreedTypes(SortedMap<TableName, SortedMap<String, LogicalType>> tables) {
  /** Nothing is agreed. */
  public static final AgreedTypes NONE = new AgreedTypes(new TreeMap<>());

  public AgreedTypes {
    TreeMap<TableName, SortedMap<String, LogicalType>> copy = new TreeMap<>();
    tables.forEach(
        (table, columns) ->
            copy.put(table, Collections.unmodifiableSortedMap(new TreeMap<>(columns))));
    tables = Collections.unmodifiableSortedMap(copy);
  }

  public boolean isEmpty() {
    return tables.isEmpty();
  }

  /** What is agreed for the columns of a table, by name. */
  public Map<String, LogicalType> of(TableName table) {
    return tables.getOrDefault(table, Collections.emptySortedMap());
  }

  /** In which type the column travels. */
  public LogicalType of(TableName table, String column, LogicalType otherwise) {
    return of(table).getOrDefault(column, otherwise);
  }

  /** The same shape with agreed types in place of the agent's own. */
  public TableSchema in(TableSchema own) {
    Map<String, LogicalType> agreed = of(own.table());
    if (agreed.isEmpty()) {
      return own;
    }
    List<Column> columns = new ArrayList<>(own.columns().size());
    for (Column column : own.columns()) {
      LogicalType type = agreed.getOrDefault(column.name(), column.type());
      columns.add(new Column(column.name(), type, column.nativeType(), column.nullable()));
    }
    return TableSchema.of(own.table(), columns, own.key());
  }

  /** These and some more; what is said of a column twice must be the same. */
  public AgreedTypes and(AgreedTypes more) {
    TreeMap<TableName, SortedMap<String, LogicalType>> all = new TreeMap<>();
    tables.forEach((table, columns) -> all.put(table, new TreeMap<>(columns)));
    more.tables.forEach(
        (table, columns) ->
            columns.forEach(
                (column, type) -> {
                  LogicalType before =
                      all.computeIfAbsent(table, t -> new TreeMap<>()).putIfAbsent(column, type);
                  if (before != null && before != type) {
                    throw new IllegalArgumentException(
                        table + "." + column + " as " + before + " and as " + type);
                  }
                }));
    return new AgreedTypes(all);
  }

  /** As texts for wire and file: type, length of the table's name, table and column. */
  public List<String> toTexts() {
    List<String> texts = new ArrayList<>();
    tables.forEach(
        (table, columns) ->
            columns.forEach(
                (column, type) ->
                    texts.add(
                        type + " " + table.name().length() + " " + table.name() + " " + column)));
    return texts;
  }

  /**
   * What {@link #toTexts} gave.
   *
   * @throws IllegalArgumentException if a text is none of those
   */
  public static AgreedTypes ofTexts(List<String> texts) {
    Map<TableName, SortedMap<String, LogicalType>> tables = new HashMap<>();
    for (String text : texts) {
      try {
        String[] parts = text.split(" ", 3);
        int length = Integer.parseInt(parts[1]);
        tables
            .computeIfAbsent(new TableName(parts[2].substring(0, length)), table -> new TreeMap<>())
            .put(parts[2].substring(length + 1), LogicalType.valueOf(parts[0]));
      } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
        throw new IllegalArgumentException("no agreed type: '" + text + "'", e);
      }
    }
    return new AgreedTypes(new TreeMap<>(tables));
  }
}
