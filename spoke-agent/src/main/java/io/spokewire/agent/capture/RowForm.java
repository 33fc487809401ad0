package io.spokewire.agent.capture;

import io.spokewire.common.change.TableSchema;
import java.util.List;

/**
 * How images of a table's rows are to be read: each column as its length, a colon and its bytes, or
 * as a minus for NULL. Not thread-safe: columns are not.
 *
 * @param columns of the schema, in its order
 */
public record RowForm(TableSchema schema, List<ColumnForm> columns) {
  public RowForm {
    columns = List.copyOf(columns);
    if (columns.size() != schema.columns().size()) {
      throw new IllegalArgumentException(
          columns.size() + " columns of " + schema.columns().size() + " in " + schema.table());
    }
  }
}
