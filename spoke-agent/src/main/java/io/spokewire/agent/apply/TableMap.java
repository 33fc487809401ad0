package io.spokewire.agent.apply;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.id.TableName;
import java.util.Optional;

/** Which local table a topology-wide name stands for at this site. Safe from any thread. */
public interface TableMap {
  /** The local table; empty if this site has none in the plan's scope. */
  Optional<LocalTable> find(TableName table);
}
