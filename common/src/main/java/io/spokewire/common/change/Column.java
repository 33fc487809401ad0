package io.spokewire.common.change;

/**
 * One column of a table's shape.
 *
 * @param name as in the database, unquoted
 * @param type what its values mean
 * @param nativeType the engine's own name for the type, such as {@code numeric(10,2)}
 * @param nullable whether NULL is allowed
 */
public record Column(String name, LogicalType type, String nativeType, boolean nullable) {}
