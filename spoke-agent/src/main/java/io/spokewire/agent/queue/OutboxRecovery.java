package io.spokewire.agent.queue;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.Writer;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.wire.UpstreamCodec;

/** Reads all that earlier lives left in an outbox, once, and finds out where its writer stands. */
final class OutboxRecovery {
  private final OutboxRecords records;
  private final WriterPlace place;
  private final Writer writer;
  private boolean inGroup;

  private OutboxRecovery(OutboxRecords records, WriterPlace place, Writer writer) {
    this.records = records;
    this.place = place;
    this.writer = writer;
  }

  /**
   * @param records with nothing read yet
   * @throws Fault if a record can't be read, or is not what an outbox of this writer holds
   */
  static void run(OutboxRecords records, WriterPlace place, Writer writer) {
    new OutboxRecovery(records, place, writer).run();
  }

  private void run() {
    try (DurableQueue.Reader reader = records.readAll()) {
      while (reader.next()) {
        Bytes entry = reader.entry();
        UpstreamCodec.Item item = records.decode(entry);
        int epoch = item.epoch().compareTo(writer.epoch());
        if (epoch > 0) {
          throw notOurs("a record of epoch " + item.epoch() + " in the outbox of " + writer);
        }
        if (epoch == 0) {
          take(item.record(), reader.index(), entry);
        }
      }
    }
  }

  private void take(UpstreamRecord record, long index, Bytes entry) {
    long bytesBefore = records.bytesRead();
    if (!inGroup) {
      records.readGroup(index, bytesBefore);
      inGroup = true;
    }
    records.read(entry);
    switch (record) {
      case UpstreamRecord.Committed r -> take(r.transaction(), index, bytesBefore);
      case UpstreamRecord.Chunk r -> {}
      case UpstreamRecord.Shape r -> {}
      case UpstreamRecord.ContextMark r -> place.read(r.position(), r.context());
      case UpstreamRecord.BarrierMark r -> place.read(r.position(), r.context());
      case UpstreamRecord.SpillMark r -> place.read(r.position(), null);
    }
  }

  private void take(Transaction transaction, long index, long bytesBefore) {
    Sequence sequence = transaction.sequence();
    OutboxTail before = place.tail();
    boolean rowless = transaction.rows().isEmpty();
    if (before != null && !sequence.isAfter(before.last())) {
      checkRest(transaction, before, rowless);
      place.read(transaction);
      records.readRest(index, bytesBefore, sequence, transaction.sourcePosition());
      return; // the group goes on
    }
    boolean follows = place.read(transaction);
    if (rowless) {
      records.endGroupWithoutRows(sequence);
    } else if (follows) {
      records.endGroup(sequence);
    } else {
      records.endFirstGroup(sequence);
    }
    inGroup = false;
  }

  /** The last transaction once more, for the record. */
  private void checkRest(Transaction rest, OutboxTail before, boolean rowless) {
    if (!rowless || !rest.sequence().equals(before.last()) || !rest.hash().equals(before.hash())) {
      throw notOurs("transaction " + rest.sequence() + " after " + before.last());
    }
  }

  private Fault notOurs(String what) {
    return Fault.of(FaultKind.INTERNAL, "opening the outbox", what)
        .at(writer)
        .hint("is this another spoke's data directory?")
        .build();
  }
}
