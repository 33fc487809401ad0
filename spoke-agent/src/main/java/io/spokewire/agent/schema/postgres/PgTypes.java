package io.spokewire.agent.schema.postgres;

import io.spokewire.common.change.LogicalType;

/** Which canonical type a PostgreSQL type has. A domain counts as its base type. */
public final class PgTypes {
  private PgTypes() {}

  /**
   * The canonical type.
   *
   * @param oid {@code pg_type.oid} of the base type; those of built-in types never change
   * @param name {@code pg_type.typname} of the base type, for the types of extensions
   */
  public static LogicalType logicalType(int oid, String name) {
    return switch (oid) {
      case 16 -> LogicalType.BOOLEAN;
      case 20, 21, 23, 26 -> LogicalType.INTEGER; // int8, int2, int4, oid
      case 1700 -> LogicalType.DECIMAL;
      case 700 -> LogicalType.FLOAT32;
      case 701 -> LogicalType.FLOAT64;
      case 19, 25, 1042, 1043 -> LogicalType.TEXT; // name, text, bpchar, varchar
      case 17 -> LogicalType.BYTES;
      case 1082 -> LogicalType.DATE;
      case 1083 -> LogicalType.TIME;
      case 1114 -> LogicalType.TIMESTAMP;
      case 1184 -> LogicalType.TIMESTAMP_TZ;
      case 2950 -> LogicalType.UUID;
      case 114, 3802 -> LogicalType.JSON;
      default -> name.equals("citext") ? LogicalType.TEXT : LogicalType.NATIVE;
    };
  }
}
