package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.FieldImage;
import java.util.List;

/**
 * Two concurrent writes to different rows that no database can hold both of, and what the hub
 * writes itself to make room.
 *
 * @param kind how they collide
 * @param about the row that is changed for it
 * @param schema that row's shape
 * @param field the column that is changed, or {@code #}
 * @param base what it held
 * @param arriving the later write
 * @param arrivingRow the row it made or deleted, as far as it is known
 * @param met the version it collides with
 * @param metRow the row that one made or deleted
 * @param rule the name of the policy or rule that decided
 * @param result what the field holds after the hub's writes
 * @param open whether a person is to look at it
 * @param writes what the hub writes, in this order; empty if nothing is left to do
 */
record Collision(
    ConflictKind kind,
    RowKey about,
    TableSchema schema,
    String field,
    FieldImage base,
    RowWrite arriving,
    Tuple arrivingRow,
    Version met,
    Tuple metRow,
    String rule,
    FieldImage result,
    boolean open,
    List<RowChange> writes) {
  Collision {
    writes = List.copyOf(writes);
  }

  /** What a write says of a row's existence. */
  static Field existence(RowWrite write) {
    return write.exists() ? FieldImage.EXISTS : FieldImage.IS_GONE;
  }
}
