package io.spokewire.agent.pipeline;

import io.spokewire.common.id.BarrierId;

/** Commits a barrier's sealed mark in this database, so that capture meets it in order. */
public interface BarrierMarks {
  /** Returns when it is committed. A fault heals while the database is away. */
  void mark(BarrierId barrier);
}
