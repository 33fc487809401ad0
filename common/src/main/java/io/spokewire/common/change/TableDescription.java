package io.spokewire.common.change;

import io.spokewire.common.id.TableName;
import java.util.List;

/**
 * What an agent tells the hub about one of its tables: its shape, and what the rows must obey.
 *
 * @param schema the shape
 * @param uniqueSets columns that must be unique together, the key aside
 * @param foreignKeys references to other tables
 * @param beforeImages whether the log carries whole rows before a change (PostgreSQL {@code REPLICA
 *     IDENTITY FULL}, MySQL {@code binlog_row_image=FULL}); without them only whole-row rules apply
 * @param emptyAtStart whether the table had no row at the point its capture begins
 * @param generators what numbers rows where the writer gives none
 */
public record TableDescription(
    TableSchema schema,
    List<UniqueSet> uniqueSets,
    List<ForeignKey> foreignKeys,
    boolean beforeImages,
    boolean emptyAtStart,
    List<Generator> generators) {
  public TableDescription {
    uniqueSets = List.copyOf(uniqueSets);
    foreignKeys = List.copyOf(foreignKeys);
    generators = List.copyOf(generators);
  }

  /** Of a table whose columns all get their values from whoever writes. */
  public TableDescription(
      TableSchema schema,
      List<UniqueSet> uniqueSets,
      List<ForeignKey> foreignKeys,
      boolean beforeImages,
      boolean emptyAtStart) {
    this(schema, uniqueSets, foreignKeys, beforeImages, emptyAtStart, List.of());
  }

  public TableName table() {
    return schema.table();
  }

  /** A unique constraint or index; {@code name} is the engine's. */
  public record UniqueSet(String name, List<String> columns) {
    public UniqueSet {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A sequence or {@code AUTO_INCREMENT}: it gives {@code first}, {@code first + step} and so on.
   *
   * @param first where it would begin in its range: the same whatever it gave already
   * @param step not 0
   * @param last the end of its range
   */
  public record Generator(String column, long first, long step, long last) {
    public Generator {
      if (step == 0) {
        throw new IllegalArgumentException("a generator of " + column + " that stands still");
      }
    }
  }

  /** {@code columns} of this table refer to {@code referencedColumns} of another. */
  public record ForeignKey(
      String name, List<String> columns, TableName referenced, List<String> referencedColumns) {
    public ForeignKey {
      columns = List.copyOf(columns);
      referencedColumns = List.copyOf(referencedColumns);
    }
  }
}
