package io.spokewire.common.type;

import io.spokewire.common.change.LogicalType;

/**
 * A column's type at one site: what it is called there, and what it means.
 *
 * @param own the logical type in which its agent has it travel if nothing else is agreed
 */
record ColumnType(NativeType nativeType, LogicalType own, Meaning meaning) {
  static ColumnType of(NativeType nativeType, LogicalType own) {
    return new ColumnType(nativeType, own, Meanings.of(nativeType));
  }

  DatabaseEngine engine() {
    return nativeType.engine();
  }

  /** The engine's name, for people. */
  String where() {
    return engine().productName();
  }

  boolean isPostgres() {
    return engine() == DatabaseEngine.POSTGRESQL;
  }

  /** Whether the other is the same type of the same family of engines. */
  boolean isSameAs(ColumnType other) {
    return engine().isRelatedTo(other.engine())
        && nativeType.text().equals(other.nativeType.text());
  }

  /** Whether values can travel in this logical type, its own included. */
  boolean canTravelAs(LogicalType type) {
    return type == own || meaning.forms().contains(type);
  }
}
