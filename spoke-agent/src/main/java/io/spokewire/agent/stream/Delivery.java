package io.spokewire.agent.stream;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One batch from the hub.
 *
 * @param schemas shapes used below and not yet sent in this session
 * @param entries ascending positions
 * @param through every position after the previous batch's and up to here that is not listed holds
 *     nothing for this spoke
 * @param acknowledged the last own transaction that everything up to {@code through} had taken into
 *     account
 * @param bytes what it weighs in memory
 */
public record Delivery(
    List<TableSchema> schemas,
    List<Entry> entries,
    long through,
    Sequence acknowledged,
    int bytes) {
  public Delivery {
    schemas = List.copyOf(schemas);
    entries = List.copyOf(entries);
  }

  /**
   * What one log entry, or one part of a large one, means for this spoke.
   *
   * @param origin who wrote it; null for an entry that is not an outcome
   * @param part from 0; parts of one entry have the same position
   * @param more whether another part follows
   * @param barrier set when the entry is a barrier: apply and report at once
   */
  public record Entry(
      long position,
      @Nullable SpokeId origin,
      Sequence sequence,
      HybridTime time,
      RowBlock rows,
      int part,
      boolean more,
      @Nullable BarrierId barrier) {}
}
