package io.spokewire.agent.schema;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;

/**
 * A table of this site that the plan names.
 *
 * @param schemaName the engine's schema (PostgreSQL) or database (MySQL), unquoted
 * @param tableName the table there, unquoted
 * @param description its shape under its topology-wide name, and what its rows must obey
 */
public record LocalTable(String schemaName, String tableName, TableDescription description) {
  public TableName table() {
    return description.table();
  }

  public TableSchema schema() {
    return description.schema();
  }
}
