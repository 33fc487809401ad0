package io.spokewire.agent.capture.postgres;

import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How to read the rows of a relation as its last Relation message described it. Immutable. */
final class RelationPlan {
  /** For relations that the plan does not name. */
  static final RelationPlan OUTSIDE = new RelationPlan(null, List.of(), new int[0], false);

  private final @Nullable TableSchema schema;
  private final LogicalType[] own;
  private final LogicalType[] types;
  private final int[] key;
  private final int[] ordinals;
  private final boolean wholeImages;

  private RelationPlan(
      @Nullable TableSchema schema, List<LogicalType> own, int[] ordinals, boolean wholeImages) {
    this.schema = schema;
    this.own = own.toArray(LogicalType[]::new);
    this.ordinals = ordinals;
    this.wholeImages = wholeImages;
    this.types =
        schema == null
            ? new LogicalType[0]
            : schema.columns().stream().map(c -> c.type()).toArray(LogicalType[]::new);
    this.key =
        schema == null ? new int[0] : schema.key().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * @param own in which types the schema's columns come; they travel in the schema's
   * @param ordinals for each column of a message its place in the schema, or -1 if it is generated
   * @param wholeImages whether an old row that claims to be whole is
   */
  static RelationPlan of(
      TableSchema schema, List<LogicalType> own, List<Integer> ordinals, boolean wholeImages) {
    return new RelationPlan(
        schema, own, ordinals.stream().mapToInt(Integer::intValue).toArray(), wholeImages);
  }

  /** Null if the rows are not for us. */
  @Nullable TableSchema schema() {
    return schema;
  }

  int messageColumns() {
    return ordinals.length;
  }

  /** Where the message's {@code index}-th column belongs, or -1 if it is left out. */
  int ordinalOf(int index) {
    return ordinals[index];
  }

  int columns() {
    return types.length;
  }

  /** In which type the column comes. */
  LogicalType own(int ordinal) {
    return own[ordinal];
  }

  /** In which type the column travels. */
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
