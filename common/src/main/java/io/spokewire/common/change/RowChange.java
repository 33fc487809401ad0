package io.spokewire.common.change;

import io.spokewire.common.id.SchemaId;
import java.util.List;

/**
 * One row changed by one transaction. Images are tuples in the column order of {@code schema}.
 *
 * <p>An update's images hold what changed: in {@code after}, columns that did not change are
 * UNCHANGED; {@code before} holds the old values of the changed columns and UNCHANGED elsewhere.
 * Where the source gives no before image, {@code before} is {@link Tuple#NONE} and {@code after}
 * holds every column that the source gave.
 */
public sealed interface RowChange {
  SchemaId schema();

  /** A row appears, with every column. */
  record Insert(SchemaId schema, RowKey key, Tuple after) implements RowChange {}

  /** A row changes and keeps its key. */
  record Update(SchemaId schema, RowKey key, Tuple before, Tuple after) implements RowChange {}

  /**
   * A row changes its key: the old one disappears and the new one appears, linked. {@code before}
   * is the whole old row if the source gives it, {@code after} the whole new row; only an unchanged
   * TOAST value that the source did not give may be UNCHANGED in it.
   */
  record KeyChange(SchemaId schema, RowKey oldKey, RowKey newKey, Tuple before, Tuple after)
      implements RowChange {}

  /**
   * A row disappears. {@code before} is the whole row, or NONE if the source gives the key only.
   */
  record Delete(SchemaId schema, RowKey key, Tuple before) implements RowChange {}

  /**
   * All rows of a table disappear at once, but for some.
   *
   * @param survivors the keys of rows that stay, each once; none where a site truncates its table
   */
  record Truncate(SchemaId schema, List<RowKey> survivors) implements RowChange {
    public Truncate {
      survivors = List.copyOf(survivors);
    }

    /** What a database tells. */
    public Truncate(SchemaId schema) {
      this(schema, List.of());
    }
  }
}
