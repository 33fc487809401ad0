package io.spokewire.hub.pipeline;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.resolve.ColdRows;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cold rows of the window, set aside in the store. */
final class StoredRows implements ColdRows {
  private final HubStore store;
  private final ByteSink place = new ByteSink();

  StoredRows(HubStore store) {
    this.store = store;
  }

  @Override
  public void put(TableName table, RowKey key, Bytes row) {
    store.setAside(place(table, key), row);
  }

  @Override
  public @Nullable Bytes take(TableName table, RowKey key) {
    return store.takeBack(place(table, key));
  }

  @Override
  public List<RowKey> keys(TableName table) {
    Bytes prefix = place(table, new RowKey(Bytes.EMPTY)).detached();
    return store.placesAside(prefix).stream()
        .map(place -> new RowKey(place.slice(prefix.length(), place.length() - prefix.length())))
        .toList();
  }

  @Override
  public void clear() {
    store.forgetAside();
  }

  /** Valid until the next call. */
  private Bytes place(TableName table, RowKey key) {
    place.clear();
    place.putText(table.name()).put(key.bytes());
    return Bytes.wrap(place.backingArray(), 0, place.size());
  }
}
