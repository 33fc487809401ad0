package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.table.TargetTable;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A local table as apply needs it: how to name it, how to cast to its columns, how to find a row by
 * its key. Immutable; read from the catalogue by {@link TargetCatalogue}.
 *
 * @param name schema and table, quoted
 * @param only whether statements must say ONLY, so that inheriting tables are left alone
 * @param columns by name, the generated ones too
 * @param uniqueKeys the column sets that may stand in ON CONFLICT, each with the equality operators
 *     of its index
 */
record PgTargetTable(
    String name, boolean only, Map<String, TargetColumn> columns, List<UniqueKey> uniqueKeys)
    implements TargetTable {
  PgTargetTable {
    columns = Map.copyOf(columns);
    uniqueKeys = List.copyOf(uniqueKeys);
  }

  /** The name as UPDATE, DELETE and SELECT take it. */
  String target() {
    return only ? "ONLY " + name : name;
  }

  /**
   * @param name unquoted
   * @param castType what to cast to, without length or precision, so that a cast never cuts a value
   *     that an assignment would refuse
   * @param exactType the type with length and precision, as values are stored
   * @param baseOid the type, or for a domain the type under it
   * @param logical what its values mean
   * @param generated whether the database computes it
   * @param alwaysIdentity GENERATED ALWAYS AS IDENTITY: an insert must override, no update can
   * @param needsValue NOT NULL and nothing to fill it in
   */
  record TargetColumn(
      String name,
      String castType,
      String exactType,
      int baseOid,
      LogicalType logical,
      boolean generated,
      boolean alwaysIdentity,
      boolean needsValue) {

    /** Types whose equality is that of their values, of which no two spellings differ. */
    private static final Set<Integer> PLAIN =
        Set.of(16, 17, 20, 21, 23, 700, 701, 1082, 1083, 1114, 1184, 1700, 2950);

    /**
     * An expression: whether the column {@code left} holds {@code right}, which is cast. Texts are
     * compared byte by byte, and so are types without equality, in the form the server prints.
     */
    String same(String left, String right) {
      String value = right + "::" + exactType;
      return PLAIN.contains(baseOid)
          ? left + " IS NOT DISTINCT FROM " + value
          : "(" + left + "::text COLLATE \"C\") IS NOT DISTINCT FROM (" + value + ")::text";
    }
  }

  /**
   * @param operators by column name: the index's equality, schema-qualified, as in {@code
   *     OPERATOR(pg_catalog.=)}
   */
  record UniqueKey(Map<String, String> operators) {
    UniqueKey {
      operators = Map.copyOf(operators);
    }
  }

  boolean hasAlwaysIdentity() {
    return columns.values().stream().anyMatch(TargetColumn::alwaysIdentity);
  }

  /** The unique key on exactly the columns that are the key of {@code shape}, or null. */
  @Nullable UniqueKey keyFor(TableSchema shape) {
    Set<String> wanted =
        shape.key().stream()
            .map(ordinal -> shape.columns().get(ordinal).name())
            .collect(java.util.stream.Collectors.toUnmodifiableSet());
    for (UniqueKey key : uniqueKeys) {
      if (key.operators().keySet().equals(wanted)) {
        return key;
      }
    }
    return null;
  }

  @Override
  public @Nullable String mismatch(TableSchema shape) {
    for (Column incoming : shape.columns()) {
      TargetColumn local = columns.get(incoming.name());
      if (local == null) {
        return "the table has no column " + SqlText.identifier(incoming.name());
      }
      if (!local.generated() && !isAssignable(incoming.type(), local.logical())) {
        return "column "
            + SqlText.identifier(incoming.name())
            + " is "
            + local.castType()
            + " here and "
            + incoming.nativeType()
            + " there";
      }
    }
    for (TargetColumn local : columns.values()) {
      if (local.needsValue() && shape.ordinalOf(local.name()) < 0) {
        return "column "
            + SqlText.identifier(local.name())
            + " is NOT NULL without a default, and the incoming rows don't have it";
      }
    }
    if (shape.hasKey() && keyFor(shape) == null) {
      return "no immediate unique index is on exactly the key columns of the incoming rows";
    }
    return null;
  }

  /** Whether every value of one type can be one of the other, or the server refuses it by row. */
  private static boolean isAssignable(LogicalType incoming, LogicalType local) {
    return incoming == local
        || switch (incoming) {
          case INTEGER -> local == LogicalType.DECIMAL || local == LogicalType.BOOLEAN;
          case DECIMAL -> local == LogicalType.INTEGER;
          case FLOAT32 -> local == LogicalType.FLOAT64;
          case TEXT ->
              local == LogicalType.NATIVE || local == LogicalType.JSON || local == LogicalType.UUID;
          case BYTES -> local == LogicalType.UUID;
          case NATIVE -> local == LogicalType.TEXT || local == LogicalType.BOOLEAN;
          case JSON, UUID -> local == LogicalType.TEXT;
          default -> false;
        };
  }
}
