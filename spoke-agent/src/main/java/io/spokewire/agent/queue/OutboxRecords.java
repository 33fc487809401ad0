package io.spokewire.agent.queue;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.common.wire.UpstreamHeader;
import java.util.Comparator;
import java.util.Optional;

/**
 * An outbox's records in its queue: where each transaction's records begin, how many bytes there
 * are, and what may be deleted.
 *
 * <p>The records from one transaction (exclusive) to the next (inclusive) are a group: shapes and
 * marks, then chunks, then the transaction. Deleting cuts between groups and keeps the last
 * transaction, so the queue alone says where the writer stands. Behind a transaction that nothing
 * follows but marks, it cuts at a {@linkplain #rest rest} instead.
 *
 * <p>Threading: one thread appends; one other looks up and deletes; counters by any.
 */
final class OutboxRecords implements AutoCloseable {
  private static final long MARK_SPACING = 64 << 10;

  private final DurableQueue queue;
  private final UpstreamCodec codec;
  private final Writer writer;
  private final Comparator<SourcePosition> order;
  private final SendMarks marks = new SendMarks(MARK_SPACING);

  // Appending thread only.
  private long groupIndex = DurableQueue.NO_INDEX; // first record of the group being written
  private long groupBytesBefore;
  private long bytesAtRest; // when the last transaction or rest had been appended

  // Written by one thread, read by others.
  private volatile long appendedBytes;
  private volatile long lastSequence;
  private volatile long lastGroupIndex = DurableQueue.NO_INDEX; // group of the last transaction
  private volatile Rest rest = Rest.NONE;
  private volatile long acknowledged;
  private volatile long bytesAcknowledged;

  /**
   * A record that says alone what all before it say, once the hub has those.
   *
   * @param position what is before it, the hub has when it acknowledged up to here
   */
  private record Rest(long index, Sequence after, SourcePosition position, long bytesBefore) {
    static final Rest NONE = new Rest(DurableQueue.NO_INDEX, Sequence.NONE, SourcePosition.NONE, 0);

    boolean isNone() {
      return index == DurableQueue.NO_INDEX;
    }
  }

  /** The records of a writer in a queue that it owns from here on. */
  OutboxRecords(
      DurableQueue queue, UpstreamCodec codec, Writer writer, Comparator<SourcePosition> order) {
    this.queue = queue;
    this.codec = codec;
    this.writer = writer;
    this.order = order;
  }

  // ---- appending thread

  void add(UpstreamRecord record) {
    Bytes item = encode(record);
    long index = queue.append(item);
    if (groupIndex == DurableQueue.NO_INDEX) {
      groupIndex = index;
      groupBytesBefore = appendedBytes;
    }
    count(item.length());
  }

  void sync() {
    queue.sync();
  }

  /** The record added last ends a group: it is this transaction. */
  void endGroup(Sequence sequence) {
    marks.add(sequence, groupIndex, groupBytesBefore);
    closeGroup(sequence);
  }

  /**
   * Nothing before the group being written will be sent: the hub has it.
   *
   * @param next the transaction that is sent first
   */
  void beginAt(Sequence next) {
    marks.restart(
        next,
        groupIndex == DurableQueue.NO_INDEX ? queue.lastIndex() + 1 : groupIndex,
        groupIndex == DurableQueue.NO_INDEX ? appendedBytes : groupBytesBefore);
  }

  /** What is written from now on is another group than what was left unfinished. */
  void leaveGroup() {
    groupIndex = DurableQueue.NO_INDEX;
  }

  /**
   * The record added last ends a group, and is the writer's last transaction without its rows: the
   * hub has it and all before it.
   */
  void endGroupWithoutRows(Sequence sequence) {
    marks.restart(sequence.next(), groupIndex, groupBytesBefore);
    bytesAcknowledged = groupBytesBefore;
    acknowledged = Math.max(acknowledged, sequence.number());
    closeGroup(sequence);
  }

  /** Whether a rest is worth its sync: so many bytes came after the last transaction or rest. */
  boolean wantsRest(long bytes) {
    return rest.isNone() && acknowledged >= lastSequence && appendedBytes - bytesAtRest >= bytes;
  }

  /**
   * Adds a record that says what all before it say, durably. They are deleted once the hub has
   * them; until then they are sent, and the new one counts for nothing.
   *
   * @param position up to where the hub has to acknowledge
   */
  void addRest(UpstreamRecord record, SourcePosition position) {
    Bytes item = encode(record);
    long bytesBefore = appendedBytes;
    long index = queue.append(item);
    count(item.length());
    queue.sync(); // what it stands for may be deleted from now on
    bytesAtRest = appendedBytes;
    rest = new Rest(index, new Sequence(lastSequence), position, bytesBefore);
  }

  // ---- appending thread, while what the queue holds is read at the start

  long bytesRead() {
    return appendedBytes;
  }

  void readGroup(long index, long bytesBefore) {
    groupIndex = index;
    groupBytesBefore = bytesBefore;
  }

  void read(Bytes item) {
    count(item.length());
  }

  /** The first transaction kept: the hub has all before it. */
  void endFirstGroup(Sequence sequence) {
    marks.restart(sequence, groupIndex, groupBytesBefore);
    bytesAcknowledged = groupBytesBefore;
    acknowledged = sequence.number() - 1;
    closeGroup(sequence);
  }

  /** A rest of an earlier life, which may have died before it was durable. */
  void readRest(long index, long bytesBefore, Sequence after, SourcePosition position) {
    queue.sync();
    acknowledged = Math.max(acknowledged, after.number());
    bytesAtRest = appendedBytes;
    rest = new Rest(index, after, position, bytesBefore);
  }

  DurableQueue.Reader readAll() {
    return queue.readFrom(0);
  }

  UpstreamCodec.Item decode(Bytes item) {
    return codec.decode(item);
  }

  // ---- the other thread

  OutboxReader readAfter(Sequence last) {
    SendMarks.Mark mark = marks.at(last.next());
    if (mark.sequence().isAfter(last.next())) {
      throw lost(last, mark.sequence());
    }
    return new OutboxReader(
        queue.readFrom(mark.index()), writer.epoch(), last, mark.sequence().equals(last.next()));
  }

  /** A fault if what comes after {@code last} is no longer here. */
  Optional<Fault> lostAfter(Sequence last) {
    Sequence first = marks.first().sequence();
    return first.isAfter(last.next()) ? Optional.of(lost(last, first)) : Optional.empty();
  }

  void acknowledge(Sequence last, SourcePosition position) {
    long keep = DurableQueue.NO_INDEX;
    if (last.number() > acknowledged) {
      acknowledged = last.number();
      SendMarks.Mark mark = marks.dropBefore(last.next());
      bytesAcknowledged = Math.max(bytesAcknowledged, mark.bytesBefore());
      long group = lastGroupIndex;
      keep = group == DurableQueue.NO_INDEX ? mark.index() : Math.min(group, mark.index());
    }
    Rest cut = rest;
    if (!cut.isNone() && has(cut, last, position)) {
      bytesAcknowledged = Math.max(bytesAcknowledged, cut.bytesBefore());
      keep = Math.max(keep, cut.index());
      rest = Rest.NONE;
    }
    if (keep != DurableQueue.NO_INDEX) {
      queue.trimBefore(keep);
    }
  }

  private boolean has(Rest cut, Sequence last, SourcePosition position) {
    return last.isAfter(cut.after())
        || (!position.isNone() && order.compare(position, cut.position()) >= 0);
  }

  /** The chain hash after a transaction, if it is still in the queue. */
  Optional<ChainHash> hashOf(Sequence sequence) {
    try (DurableQueue.Reader reader = queue.readFrom(marks.at(sequence).index())) {
      while (reader.next()) {
        UpstreamHeader header = UpstreamHeader.of(reader.entry());
        if (header.sequence().isAfter(sequence)) {
          return Optional.empty();
        }
        if (header.kind() == UpstreamHeader.Kind.TRANSACTION
            && header.sequence().equals(sequence)
            && header.epoch().equals(writer.epoch())
            && codec.decode(reader.entry()).record() instanceof UpstreamRecord.Committed c) {
          return Optional.of(c.transaction().hash());
        }
      }
    }
    return Optional.empty();
  }

  // ---- any thread

  Bytes encode(UpstreamRecord record) {
    return codec.encode(writer.epoch(), record);
  }

  Sequence last() {
    return new Sequence(lastSequence);
  }

  long pendingTransactions() {
    return Math.max(0, lastSequence - acknowledged);
  }

  long pendingBytes() {
    return pendingTransactions() == 0 ? 0 : Math.max(0, appendedBytes - bytesAcknowledged);
  }

  long sizeInBytes() {
    return queue.sizeInBytes();
  }

  @Override
  public void close() {
    queue.close();
  }

  private void closeGroup(Sequence sequence) {
    lastGroupIndex = groupIndex;
    lastSequence = sequence.number();
    groupIndex = DurableQueue.NO_INDEX;
    bytesAtRest = appendedBytes;
  }

  private void count(int bytes) {
    long before = appendedBytes; // written by this thread only
    appendedBytes = before + bytes;
  }

  private Fault lost(Sequence hub, Sequence first) {
    return Fault.of(
            FaultKind.INTERNAL,
            "resuming capture",
            "the hub has transactions to " + hub + " and the outbox begins at " + first)
        .at(writer)
        .hint("the hub lost what it had acknowledged; " + Resumption.START_ANEW)
        .build();
  }
}
