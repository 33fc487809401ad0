package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowHeads;
import io.spokewire.common.change.SchemaBook;
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
 * Tables that a TRUNCATE emptied at one site while the others keep their rows: none is applied
 * elsewhere. Counted and logged, and an alarm as long as this process lives, because from then on
 * the sites differ and nothing else would say so. Safe from any thread.
 */
public final class WithheldTruncates implements ApplyEvents {
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
      if (heads.operation() == RowHeads.Operation.TRUNCATE) {
        TableName table = schemas.get(heads.schema()).table();
        LOG.warn(
            "TRUNCATE of {} at source position {} is not applied at the other sites",
            table,
            position);
        count(table);
      }
    }
  }

  /** One arrived from elsewhere. */
  @Override
  public void truncateNotApplied(TableName table) {
    LOG.warn("a TRUNCATE of {} at another site is not applied here", table);
    count(table);
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
                "DELETE the rows that are left elsewhere, and use DELETE instead of TRUNCATE; then"
                    + " restart this agent to end the alarm")
            .build();
  }
}
