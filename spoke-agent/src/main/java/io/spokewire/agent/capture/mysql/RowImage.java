package io.spokewire.agent.capture.mysql;

import static io.spokewire.agent.schema.mysql.MyDatabase.quoted;

import io.spokewire.common.change.Column;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.NativeType;
import java.util.ArrayList;
import java.util.List;

/** How a trigger writes a row, so that {@link LoggedColumn} reads it. */
final class RowImage {
  private RowImage() {}

  /** Each column as its length, a colon and its bytes, or as a minus for NULL. */
  static String sql(String row, List<Column> columns) {
    List<String> parts = new ArrayList<>();
    for (Column column : columns) {
      String value = value(row + "." + quoted(column.name()), column.nativeType());
      parts.add("IFNULL(CONCAT(LENGTH(" + value + "), ':', " + value + "), '-')");
    }
    return "CONCAT(_binary'', " + String.join(", ", parts) + ")";
  }

  /** The bytes that {@link LoggedColumn} reads, whatever the session is set to. */
  static String value(String column, String nativeType) {
    NativeType type = NativeType.parse(DatabaseEngine.MYSQL, nativeType);
    return switch (type.name()) {
      case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> column;
      case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "set" ->
          "CAST(CONVERT(" + column + " USING utf8mb4) AS BINARY)";
      // A label that the server does not have, as a lax mode keeps it.
      case "enum" ->
          "IF("
              + column
              + " + 0 = 0, x'00', CAST(CONVERT("
              + column
              + " USING utf8mb4) AS BINARY))";
      // Its text would be in the session's time zone.
      case "timestamp" -> text("UNIX_TIMESTAMP(" + column + ")");
      case "float" -> text(column + " + 0e0"); // its text is rounded
      case "bit" -> {
        int bits = type.arguments().isEmpty() ? 1 : type.arguments().getFirst();
        yield "UNHEX(LPAD(HEX(" + column + " + 0), " + (bits + 7) / 8 * 2 + ", '0'))";
      }
      case "vector",
          "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection" ->
          "UNHEX(HEX(" + column + "))";
      default -> text(column);
    };
  }

  private static String text(String value) {
    return "CAST(CAST(" + value + " AS CHAR CHARACTER SET utf8mb4) AS BINARY)";
  }
}
