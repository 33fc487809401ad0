package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.schema.mysql.MyTypes;
import java.math.BigInteger;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A column of a local table, as the catalogue has it. Immutable.
 *
 * @param name unquoted
 * @param type {@code DATA_TYPE}: the bare name, in lower case
 * @param text {@code COLUMN_TYPE}: with length, sign and labels
 * @param charset of a text; null for anything else
 * @param collation likewise
 * @param length in bytes, of a binary
 * @param precision of a number, or how many bits
 * @param scale of a number
 * @param digits of a second's fraction
 * @param generated whether the database computes it
 * @param nullable whether it may be NULL
 * @param needsValue NOT NULL and nothing to fill it in
 */
record MyColumn(
    String name,
    String type,
    String text,
    @Nullable String charset,
    @Nullable String collation,
    long length,
    int precision,
    int scale,
    int digits,
    boolean generated,
    boolean nullable,
    boolean needsValue) {
  private static final Set<String> TEXTS =
      Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set");
  private static final Set<String> BINARIES =
      Set.of("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector");

  boolean isText() {
    return TEXTS.contains(type);
  }

  boolean isBinary() {
    return BINARIES.contains(type);
  }

  /** Whether it holds points, lines and the like. */
  boolean isShape() {
    return MyTypes.isShape(type);
  }

  boolean isUnsigned() {
    return text.contains("unsigned");
  }

  boolean isWhole() {
    return bits() > 0;
  }

  /** The smallest whole number that it can hold. */
  BigInteger least() {
    return isUnsigned() ? BigInteger.ZERO : BigInteger.TWO.pow(bits() - 1).negate();
  }

  /** The largest whole number that it can hold. */
  BigInteger most() {
    return BigInteger.TWO.pow(isUnsigned() ? bits() : bits() - 1).subtract(BigInteger.ONE);
  }

  private int bits() {
    return switch (type) {
      case "tinyint" -> 8;
      case "smallint" -> 16;
      case "mediumint" -> 24;
      case "int" -> 32;
      case "bigint" -> 64;
      default -> 0;
    };
  }
}
