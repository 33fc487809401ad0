package io.spokewire.agent.schema;

/**
 * A table as its own database calls it.
 *
 * @param schemaName the engine's schema (PostgreSQL) or database (MySQL), unquoted
 * @param tableName the table there, unquoted
 */
public record LocalName(String schemaName, String tableName) {
  @Override
  public String toString() {
    return schemaName + "." + tableName;
  }
}
