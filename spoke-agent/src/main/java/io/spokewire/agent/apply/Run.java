package io.spokewire.agent.apply;

import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.util.List;

/**
 * Like changes of one table that fit one set-based statement: the same operation, the same columns
 * written, no key twice. Immutable.
 *
 * @param schema the shape of the rows
 * @param operation what is done with them
 * @param written which columns they write; {@link WriteSet#NOTHING} for deletes
 * @param rows in the order in which they came
 */
public record Run(
    TableSchema schema, Operation operation, WriteSet written, List<PlannedRow> rows) {
  public Run {
    rows = List.copyOf(rows);
  }

  public TableName table() {
    return schema.table();
  }

  /** What a run does. */
  public enum Operation {
    /** The row shall be as given, whether it exists or not. */
    UPSERT,
    /** The row shall be as given, where there is none; one that is there stays. */
    INSERT,
    /** The row that was as its previous image shall be as given. */
    REPLACE,
    /** The row exists and some of its columns change. */
    UPDATE,
    /** The row gets another key; the order within the run matters. */
    KEY_CHANGE,
    /** The row shall not exist. */
    DELETE,
    /** No row of the table shall exist but some; never a run. */
    TRUNCATE
  }
}
