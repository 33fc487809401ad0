package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.RowForm;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.common.change.Column;
import java.util.List;

/**
 * A table as one look sees it.
 *
 * @param form of its columns that travel, under its topology-wide name; it has a key
 * @param growing by which it is polled
 */
public record PolledTable(LocalName local, RowForm form, GrowingColumn growing) {
  /** The key's columns, in its order. */
  public List<Column> keyColumns() {
    return form.schema().key().stream().map(form.schema().columns()::get).toList();
  }
}
