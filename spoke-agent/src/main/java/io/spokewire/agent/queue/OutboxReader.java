package io.spokewire.agent.queue;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.wire.UpstreamHeader;

/**
 * The records of an {@link Outbox} after one transaction, as they go into a batch. Spill marks,
 * records of earlier epochs and the last transaction's copies without rows are left out. Owned and
 * used by one thread, which closes it.
 */
public final class OutboxReader implements AutoCloseable {
  private final DurableQueue.Reader reader;
  private final Epoch epoch;
  private Sequence after; // the last transaction passed; a copy of it comes with its number
  private boolean passed; // the transaction to begin after is behind us
  private UpstreamHeader header;

  OutboxReader(DurableQueue.Reader reader, Epoch epoch, Sequence after, boolean passed) {
    this.reader = reader;
    this.epoch = epoch;
    this.after = after;
    this.passed = passed;
    this.header = new UpstreamHeader(epoch, UpstreamHeader.Kind.SPILL_MARK, Sequence.NONE);
  }

  /** Moves to the next record; false if there is none yet. */
  public boolean next() {
    while (reader.next()) {
      header = UpstreamHeader.of(reader.entry());
      if (header.epoch().equals(epoch) && isToBeSent()) {
        return true;
      }
    }
    return false;
  }

  /** What the current record is, and its number if it has one. */
  public UpstreamHeader header() {
    return header;
  }

  /** The current record, encoded as an item of a batch; valid for as long as the caller likes. */
  public Bytes item() {
    return reader.entry();
  }

  @Override
  public void close() {
    reader.close();
  }

  private boolean isToBeSent() {
    boolean numbered = !header.sequence().equals(Sequence.NONE);
    if (numbered && !header.sequence().isAfter(after)) {
      passed = header.kind() == UpstreamHeader.Kind.TRANSACTION && header.sequence().equals(after);
      return false;
    }
    passed |= numbered;
    if (header.kind() == UpstreamHeader.Kind.TRANSACTION) {
      after = header.sequence();
    }
    return passed && header.kind() != UpstreamHeader.Kind.SPILL_MARK;
  }
}
