package io.spokewire.hub.topology;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.DatabaseEngine;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns that a spoke's agent last reported, in its own types.
 *
 * @param engine of its database
 */
public record SpokeColumns(SpokeId spoke, DatabaseEngine engine, List<Reported> columns) {
  public SpokeColumns {
    columns = List.copyOf(columns);
  }

  /**
   * @param identifies whether it is part of the key or of a unique index
   */
  public record Reported(TableName table, Column column, boolean identifies) {}

  /** Of what an agent reported. */
  public static SpokeColumns of(
      SpokeId spoke, DatabaseEngine engine, List<TableDescription> tables) {
    List<Reported> columns = new ArrayList<>();
    for (TableDescription table : tables) {
      TableSchema schema = table.schema();
      for (int i = 0; i < schema.columns().size(); i++) {
        Column column = schema.columns().get(i);
        boolean unique =
            table.uniqueSets().stream().anyMatch(set -> set.columns().contains(column.name()));
        columns.add(new Reported(schema.table(), column, unique || schema.isKey(i)));
      }
    }
    return new SpokeColumns(spoke, engine, columns);
  }
}
