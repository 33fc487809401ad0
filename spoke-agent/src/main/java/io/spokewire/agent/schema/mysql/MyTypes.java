package io.spokewire.agent.schema.mysql;

import io.spokewire.common.change.LogicalType;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.NativeType;
import java.util.Set;

/**
 * In which canonical type a MySQL or MariaDB type travels if nothing else is agreed.
 *
 * <p>NATIVE forms: ENUM and SET as their labels; BIT as its binary digits, all of them; INET4 and
 * INET6 as text. Geometry and vectors travel as the bytes that are stored.
 */
public final class MyTypes {
  private static final Set<String> SHAPES =
      Set.of(
          "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geomcollection",
          "geometrycollection");

  private MyTypes() {}

  /** Whether a type, named without arguments, holds points, lines and the like. */
  public static boolean isShape(String name) {
    return SHAPES.contains(name);
  }

  /**
   * The canonical type.
   *
   * @param nativeType as a catalogue gives it; MariaDB's JSON columns are {@code json} there
   */
  public static LogicalType logicalType(String nativeType) {
    return switch (NativeType.parse(DatabaseEngine.MYSQL, nativeType).name()) {
      case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year" ->
          LogicalType.INTEGER;
      case "decimal", "numeric" -> LogicalType.DECIMAL;
      case "float" -> LogicalType.FLOAT32;
      case "double" -> LogicalType.FLOAT64;
      case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" -> LogicalType.TEXT;
      case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> LogicalType.BYTES;
      case "date" -> LogicalType.DATE;
      case "time" -> LogicalType.TIME;
      case "datetime" -> LogicalType.TIMESTAMP;
      case "timestamp" -> LogicalType.TIMESTAMP_TZ;
      case "json" -> LogicalType.JSON;
      case "uuid" -> LogicalType.UUID;
      default -> LogicalType.NATIVE;
    };
  }
}
