package io.spokewire.agent.apply.table;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.TableName;
import org.jspecify.annotations.Nullable;

/**
 * One row of {@code spokewire.exception}: a value of the hub that is kept off, since the database
 * held something else than what it replaces.
 *
 * <p>Owned by the thread of its connection.
 */
final class KeptValue {
  final TableName table;
  final Bytes key;

  /** A column, or null for the row as a whole. */
  final @Nullable String field;

  /** The last position that was seen here. */
  long low;

  /** Once capture has met this position, it has met what the database held when this was kept. */
  long markedAt;

  /** Whether the site's own transactions had their answer among what was kept. */
  boolean answered;

  /** What makes the database hold the hub's value: an update of the field, an insert, a delete. */
  RowChange hub;

  /** Stands for what the database held instead; null for no row. */
  @Nullable Long seen;

  /** The last local transaction that may be why it was kept; null while that is not known. */
  @Nullable Sequence through;

  /** Whether the database has a row for it. */
  boolean stored;

  KeptValue(TableName table, Bytes key, @Nullable String field, long low, RowChange hub) {
    this.table = table;
    this.key = key;
    this.field = field;
    this.low = low;
    this.hub = hub;
  }

  Context.Unseen unseen() {
    return new Context.Unseen(table, key, field, low);
  }
}
