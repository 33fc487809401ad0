package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where rows of the window lie that memory has no room for. Need not outlive the process: a window
 * is built again from the log. Used by the resolver's thread only.
 */
public interface ColdRows {
  /** Nowhere: for a window that is never too large. */
  ColdRows NONE =
      new ColdRows() {
        @Override
        public void put(TableName table, RowKey key, Bytes row) {
          throw new IllegalStateException("there is no place for cold rows");
        }

        @Override
        public @Nullable Bytes take(TableName table, RowKey key) {
          return null;
        }

        @Override
        public List<RowKey> keys(TableName table) {
          return List.of();
        }

        @Override
        public void clear() {}
      };

  /** Keeps a row that is not here. The bytes are the caller's again after the return. */
  void put(TableName table, RowKey key, Bytes row);

  /** The row, which is no longer here afterwards; null if it is not here. */
  @Nullable Bytes take(TableName table, RowKey key);

  /** Which rows of a table are here. */
  List<RowKey> keys(TableName table);

  /** Forgets all. */
  void clear();
}
