package io.spokewire.agent.pipeline;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowHeads;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.TableName;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that a TRUNCATE emptied here while the other sites keep their rows, since the rows have no
 * key by which a site could tell those that stay. Counted and logged, and an alarm as long as this
 * process lives, because from then on the sites differ and nothing else would say so. Safe from any
 * thread.
 */
public final class WithheldTruncates {
  private static final Logger LOG = LoggerFactory.getLogger(WithheldTruncates.class);

  private final SchemaBook schemas;
  private final Map<TableName, Integer> times = new TreeMap<>();
  private @Nullable Fault alarm;

  public WithheldTruncates(SchemaBook schemas) {
    this.schemas = schemas;
  }

  /** Rows that this site's users committed at {@code position}. */
  void captured(RowBlock rows, SourcePosition position) {
    RowHeads heads = new RowHeads(rows);
    while (heads.next()) {
      TableSchema schema = schemas.get(heads.schema());
      if (heads.operation() == RowHeads.Operation.TRUNCATE && !schema.hasKey()) {
        TableName table = schema.table();
        LOG.warn(
            "TRUNCATE of {} at source position {} is not applied at the other sites: no key",
            table,
            position);
        count(table);
      }
    }
  }

  /** What is to be told; null while there was none. */
  public synchronized @Nullable Fault alarm() {
    return alarm;
  }

  private synchronized void count(TableName table) {
    times.merge(table, 1, Integer::sum);
    StringBuilder tables = new StringBuilder();
    times.forEach(
        (name, n) ->
            tables
                .append(tables.isEmpty() ? "" : ", ")
                .append(name)
                .append(n == 1 ? "" : " (" + n + " times)"));
    alarm =
        Fault.of(
                FaultKind.NEGATIVE,
                "keep sites equal",
                "TRUNCATE of " + tables + " was not applied at the other sites: their rows differ")
            .hint(
                "without a primary key nobody can tell which rows are meant: delete them at every"
                    + " other site too, then restart this agent to end the alarm")
            .build();
  }
}
