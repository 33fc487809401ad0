package io.spokewire.hub.resolve;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.TableName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of one table that are in the window, and the table's field numbers. */
final class TableWindow {
  final TableName name;
  private final Map<String, Integer> fieldNumbers = new HashMap<>();
  private final Map<RowKey, RowWindow> rows = new HashMap<>();

  TableWindow(TableName name) {
    this.name = name;
  }

  /** The number of a column, given out when it is first asked for; from 1. */
  int fieldNumber(String column) {
    return fieldNumbers.computeIfAbsent(column, c -> fieldNumbers.size() + 1);
  }

  @Nullable RowWindow find(RowKey key) {
    return rows.get(key);
  }

  RowWindow enter(RowKey key) {
    RowKey own = key.detached();
    RowWindow row = new RowWindow(this, own);
    rows.put(own, row);
    return row;
  }

  void leave(RowWindow row) {
    rows.remove(row.key);
  }

  int rows() {
    return rows.size();
  }
}
