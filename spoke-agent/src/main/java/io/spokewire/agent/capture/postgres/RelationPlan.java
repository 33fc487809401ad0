package io.spokewire.agent.capture.postgres;

import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import org.jspecify.annotations.Nullable;

/** How to read the rows of a relation as its last Relation message described it. Immutable. */
final class RelationPlan {
  /** For relations that the plan does not name. */
  static final RelationPlan OUTSIDE = new RelationPlan(null, false);

  private final @Nullable TableSchema schema;
  private final LogicalType[] types;
  private final int[] key;
  private final boolean wholeImages;

  private RelationPlan(@Nullable TableSchema schema, boolean wholeImages) {
    this.schema = schema;
    this.wholeImages = wholeImages;
    this.types =
        schema == null
            ? new LogicalType[0]
            : schema.columns().stream().map(c -> c.type()).toArray(LogicalType[]::new);
    this.key =
        schema == null ? new int[0] : schema.key().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * @param wholeImages whether an old row that claims to be whole is
   */
  static RelationPlan of(TableSchema schema, boolean wholeImages) {
    return new RelationPlan(schema, wholeImages);
  }

  /** Null if the rows are not for us. */
  @Nullable TableSchema schema() {
    return schema;
  }

  int columns() {
    return types.length;
  }

  LogicalType type(int ordinal) {
    return types[ordinal];
  }

  int keyColumns() {
    return key.length;
  }

  /** The ordinal of the key's {@code index}-th column. */
  int keyColumn(int index) {
    return key[index];
  }

  boolean wholeImages() {
    return wholeImages;
  }
}
