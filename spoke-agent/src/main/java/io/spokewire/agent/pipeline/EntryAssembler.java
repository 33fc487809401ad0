package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Position;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Puts the parts of large entries together. An entry is whole when a part says that no other
 * follows; part 0 begins anew, whatever was collected before. Not thread-safe.
 */
final class EntryAssembler implements AutoCloseable {
  private final Path spool;
  private final long memory;
  private @Nullable SpooledRows rows;
  private long position;
  private int nextPart;

  EntryAssembler(Path spool, long memory) {
    this.spool = spool;
    this.memory = memory;
  }

  /** Whether parts of an entry are missing yet. */
  boolean isInside() {
    return rows != null;
  }

  /** Takes a part; the whole entry once it is there, else null. The caller closes its rows. */
  ApplyBatch.@Nullable Entry take(Delivery.Entry part, Position log) {
    if (part.origin() == null) {
      throw broken("rows at " + part.position() + " without an origin");
    }
    if (part.part() == 0) {
      forget();
      if (!part.more()) {
        return entry(part, log, RowChunks.of(part.rows()));
      }
      rows = new SpooledRows(spool, memory);
      position = part.position();
      nextPart = 0;
    }
    SpooledRows collected = rows;
    if (collected == null || part.position() != position || part.part() != nextPart) {
      throw broken("part " + part.part() + " of " + part.position() + " out of its order");
    }
    collected.add(part.rows());
    nextPart++;
    if (part.more()) {
      return null;
    }
    rows = null;
    return entry(part, log, collected);
  }

  private static ApplyBatch.Entry entry(Delivery.Entry last, Position log, RowChunks rows) {
    if (last.origin() == null) {
      throw broken("an entry without an origin");
    }
    return new ApplyBatch.Entry(log.at(last.position()), last.origin(), last.sequence(), rows);
  }

  /** Drops what was collected of an entry that is not whole; it is sent again. */
  void forget() {
    SpooledRows collected = rows;
    rows = null;
    if (collected != null) {
      collected.close();
    }
  }

  private static Fault broken(String what) {
    return Fault.invariant("parts in order", what);
  }

  @Override
  public void close() {
    forget();
  }
}
