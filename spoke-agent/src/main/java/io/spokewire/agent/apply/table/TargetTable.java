package io.spokewire.agent.apply.table;

import io.spokewire.common.change.TableSchema;
import org.jspecify.annotations.Nullable;

/** A local table as an engine's apply needs it. Immutable. */
public interface TargetTable {
  /** Why rows of this shape can't be written here; null if they can. */
  @Nullable String mismatch(TableSchema shape);
}
