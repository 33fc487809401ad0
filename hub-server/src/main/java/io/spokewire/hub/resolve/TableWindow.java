package io.spokewire.hub.resolve;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of one table that are in the window, and the table's field numbers. */
final class TableWindow {
  /** What a row takes in memory beside its key and its versions. */
  private static final int ROW_BYTES = 150;

  final TableName name;
  private final Map<String, Integer> fieldNumbers = new HashMap<>();
  private final List<String> fieldNames = new ArrayList<>(); // by number - 1
  private final Map<RowKey, RowWindow> rows = new HashMap<>();
  private final WindowMemory memory;

  /** Empty unless agents say that rows of this table must obey something together. */
  private List<ValueIndex> uniqueSets = List.of();

  private Map<Constraints.Reference, ValueIndex> references = Map.of();
  private List<ValueIndex> indexes = List.of(); // all of both

  /** In order of position; those at or below the frontier are gone. */
  private final List<Truncation> truncations = new ArrayList<>();

  /**
   * @param memory counts what the rows of all tables take
   */
  TableWindow(TableName name, WindowMemory memory) {
    this.name = name;
    this.memory = memory;
  }

  /** The number of a column, given out when it is first asked for; from 1. */
  int fieldNumber(String column) {
    Integer known = fieldNumbers.get(column);
    if (known != null) {
      return known;
    }
    fieldNames.add(column);
    fieldNumbers.put(column, fieldNames.size());
    return fieldNames.size();
  }

  /** The column with this number; null for {@link Shape#EXISTENCE}. */
  @Nullable String fieldName(int number) {
    return number == Shape.EXISTENCE ? null : fieldNames.get(number - 1);
  }

  @Nullable RowWindow find(RowKey key) {
    return rows.get(key);
  }

  RowWindow enter(RowKey key) {
    RowKey own = key.detached();
    RowWindow row = new RowWindow(this, own);
    rows.put(own, row);
    memory.grow(ROW_BYTES + own.bytes().length());
    return row;
  }

  void leave(RowWindow row) {
    if (rows.remove(row.key, row)) {
      memory.shrink(ROW_BYTES + row.key.bytes().length());
    }
  }

  /** One of its rows got this version, its last by now. */
  void grow(Version version) {
    memory.grow(version.bytes());
    for (ValueIndex index : indexes) {
      index.add(version);
    }
  }

  /** One of its rows forgot this version. */
  void shrink(Version version) {
    memory.shrink(version.bytes());
    for (ValueIndex index : indexes) {
      index.remove(version);
    }
  }

  /** From now on rows can be found by what these constraints are about. */
  void obey(Constraints constraints) {
    uniqueSets = constraints.uniqueSets().stream().map(this::index).toList();
    references = new LinkedHashMap<>();
    constraints.references().forEach(r -> references.put(r, index(r.columns())));
    indexes = Stream.concat(uniqueSets.stream(), references.values().stream()).toList();
  }

  private ValueIndex index(List<String> columns) {
    ValueIndex index =
        new ValueIndex(columns, columns.stream().mapToInt(this::fieldNumber).toArray());
    for (RowWindow row : rows.values()) {
      row.all().forEach(index::add);
    }
    return index;
  }

  List<ValueIndex> uniqueSets() {
    return uniqueSets;
  }

  Map<Constraints.Reference, ValueIndex> references() {
    return references;
  }

  /** All rows were deleted at once; rows that are in memory have been told already. */
  void note(Truncation truncation) {
    truncations.add(truncation);
  }

  List<Truncation> truncations() {
    return truncations;
  }

  void forgetTruncations(long frontier) {
    if (!truncations.isEmpty()) {
      truncations.removeIf(truncation -> truncation.number() <= frontier);
    }
  }

  /** Those in memory, in an order that the same rows always have. */
  List<RowWindow> inOrderOfKeys() {
    return rows.values().stream().sorted(Comparator.comparing(row -> row.key.bytes())).toList();
  }

  int rows() {
    return rows.size();
  }
}
