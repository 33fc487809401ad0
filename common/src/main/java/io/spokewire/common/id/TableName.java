package io.spokewire.common.id;

/**
 * A table as the whole topology calls it: {@code orders} for the one in each spoke's default
 * schema, {@code sales.orders} for one named with its schema. Case is kept; quoting is the engine's
 * business.
 */
public record TableName(String name) implements Comparable<TableName> {
  public TableName {
    if (name.isBlank()) {
      throw new IllegalArgumentException("table name is blank");
    }
  }

  @Override
  public int compareTo(TableName other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
