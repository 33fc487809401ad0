package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.TableName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cold rows in a map; counts how often a row came back. */
public final class ColdRowsInMemory implements ColdRows {
  private record Place(TableName table, RowKey key) {}

  private final Map<Place, Bytes> rows = new HashMap<>();
  private long takenBack;

  public int size() {
    return rows.size();
  }

  public long takenBack() {
    return takenBack;
  }

  @Override
  public void put(TableName table, RowKey key, Bytes row) {
    if (rows.put(new Place(table, key.detached()), Bytes.wrap(row.toByteArray())) != null) {
      throw new IllegalStateException("a row became cold twice: " + table + " " + key);
    }
  }

  @Override
  public @Nullable Bytes take(TableName table, RowKey key) {
    Bytes row = rows.remove(new Place(table, key));
    takenBack += row == null ? 0 : 1;
    return row;
  }

  @Override
  public List<RowKey> keys(TableName table) {
    return rows.keySet().stream().filter(p -> p.table().equals(table)).map(Place::key).toList();
  }

  @Override
  public void clear() {
    rows.clear();
  }
}
