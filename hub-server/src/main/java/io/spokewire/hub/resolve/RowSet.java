package io.spokewire.hub.resolve;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.TableName;
import java.util.HashSet;
import java.util.Set;

/**
 * Rows, told apart by a hash of table and key, and whole tables: it may hold a few more than were
 * put in, and takes little memory however long their keys are. Not thread-safe.
 */
public final class RowSet {
  /** Holds every row; not to be added to. */
  public static final RowSet EVERY = new RowSet(true);

  private final boolean every;
  private final Set<Long> hashes = new HashSet<>();
  private final Set<TableName> tables = new HashSet<>();

  public RowSet() {
    this(false);
  }

  private RowSet(boolean every) {
    this.every = every;
  }

  /** Adds the rows that a block changes, by their old key and their new one. */
  public void addAll(RowBlock rows, SchemaBook schemas) {
    for (RowChange change : rows) {
      TableName table = schemas.get(change.schema()).table();
      switch (change) {
        case RowChange.Insert c -> add(table, c.key());
        case RowChange.Update c -> add(table, c.key());
        case RowChange.Delete c -> add(table, c.key());
        case RowChange.KeyChange c -> {
          add(table, c.oldKey());
          add(table, c.newKey());
        }
        case RowChange.Truncate c -> tables.add(table);
      }
    }
  }

  /** How many single rows were put in; two of the same hash count as one. */
  public long size() {
    return hashes.size();
  }

  public boolean contains(TableName table, RowKey key) {
    return every || tables.contains(table) || hashes.contains(hash(table, key));
  }

  private void add(TableName table, RowKey key) {
    hashes.add(hash(table, key));
  }

  private static long hash(TableName table, RowKey key) {
    return ((long) table.hashCode() << 32) ^ (key.hashCode() * 0x9E3779B97F4A7C15L);
  }
}
