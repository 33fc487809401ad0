package io.spokewire.agent.queue;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.TransactionChunk;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.common.wire.UpstreamHeader;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The agent's durable queue of what it captured and the hub has not acknowledged: the one place
 * that numbers transactions and links their hash chain.
 *
 * <p>What is captured again after a crash is recognised by its source position and dropped, so the
 * same transaction has the same sequence and the same hash however often it is read. Nothing that
 * the source can still give is synced; {@link #spill} syncs, because after it the source may
 * forget.
 *
 * <p>Layout: one queue entry is one encoded {@link UpstreamRecord}. The records from one
 * transaction (exclusive) to the next (inclusive) belong together: shapes and marks, then chunks,
 * then the transaction. Trimming cuts only between such groups and keeps the last transaction,
 * acknowledged or not, so the queue alone says where the writer stands. Chunks without their
 * transaction (a crash between them) may stand in the queue; the chunk with index 0 that follows
 * begins anew.
 *
 * <p>Shapes: a shape is recorded before the first row of this process's life that uses it. The hub
 * makes it durable with the records around it, so whatever hub acknowledged a transaction has its
 * shapes; a hub that lost them lost its log as well, which its incarnation tells.
 *
 * <p>Order of calls: {@link #open}, {@link #resume} until it is ready, then the recording methods.
 *
 * <p>Threading: opening, resuming and recording by one thread (capture); {@link #readAfter}, {@link
 * #acknowledge} and the reader by one other (uplink); {@link #saw} and the counters by any.
 *
 * <p>Errors: {@link Fault}. A full disk heals by itself and leaves the transaction unrecorded; the
 * caller gives it again. A broken invariant does not heal.
 */
public final class Outbox implements AutoCloseable {
  /** Rows of at most so many bytes travel in one record; more are staged in chunks. */
  public static final int LARGEST_PIECE = 1 << 20;

  private static final long MARK_SPACING = 64 << 10;
  private static final String OPERATION = "resuming capture";

  private final DurableQueue queue;
  private final UpstreamCodec codec;
  private final Writer writer;
  private final Comparator<SourcePosition> order;
  private final int largestPiece;
  private final SchemaBook announced = new SchemaBook();
  private final SendMarks marks = new SendMarks(MARK_SPACING);

  // Capture thread only.
  private @Nullable OutboxTail tail; // null until the writer's place is known
  private @Nullable ChainHash hashBeforeLast; // null if the transaction before the last is gone
  private @Nullable SourcePosition lastTransaction; // null if there is none in the queue
  private SourcePosition earlyPosition = SourcePosition.NONE; // of marks before any transaction
  private @Nullable Context earlyContext;
  private long groupIndex = DurableQueue.NO_INDEX; // first record of the group being written
  private long groupBytesBefore;

  // Written by one thread, read by others.
  private volatile long appendedBytes;
  private volatile long lastSequence;
  private volatile long lastGroupIndex = DurableQueue.NO_INDEX; // group of the last transaction
  private volatile long acknowledged;
  private volatile long bytesAcknowledged;
  private volatile HybridTime seen = HybridTime.ZERO;

  private Outbox(
      DurableQueue queue,
      UpstreamCodec codec,
      Writer writer,
      Comparator<SourcePosition> order,
      int largestPiece) {
    this.queue = queue;
    this.codec = codec;
    this.writer = writer;
    this.order = order;
    this.largestPiece = largestPiece;
  }

  /**
   * Opens the outbox and reads all of it once, which finds out where the writer stands.
   *
   * @param queue where the records are kept; from here on owned by the outbox
   * @param codec of the same spoke, channel and log incarnation as {@code writer}
   * @param order the source's own order of positions
   * @throws Fault if a record can't be read, or is not what an outbox of this writer holds
   */
  public static Outbox open(
      DurableQueue queue, UpstreamCodec codec, Writer writer, Comparator<SourcePosition> order) {
    return open(queue, codec, writer, order, LARGEST_PIECE);
  }

  /** As above, with another size at which rows are staged. */
  static Outbox open(
      DurableQueue queue,
      UpstreamCodec codec,
      Writer writer,
      Comparator<SourcePosition> order,
      int largestPiece) {
    Outbox outbox = new Outbox(queue, codec, writer, order, largestPiece);
    outbox.recover();
    return outbox;
  }

  /** Where the writer stands as far as the queue says; empty if it holds no transaction. */
  public Optional<OutboxTail> tail() {
    return Optional.ofNullable(tail);
  }

  /**
   * Compares what the outbox, the hub and the source hold, and takes the later of the first two as
   * the place to go on from.
   *
   * @param hub the writer's state at the hub, from its welcome; empty while the hub is away
   * @param confirmed what the source was told it may forget, or NONE if that is not known
   */
  public Resumption resume(Optional<OutboxTail> hub, SourcePosition confirmed) {
    if (hub.isEmpty()) {
      return resumeAlone(confirmed);
    }
    OutboxTail theirs = hub.get();
    OutboxTail ours = tail;
    if (ours == null || theirs.last().isAfter(ours.last())) {
      adopt(theirs);
    } else {
      Optional<Fault> difference = difference(theirs.last(), theirs.hash());
      if (difference.isPresent()) {
        return new Resumption.NeedsResync(difference.get());
      }
      tail =
          new OutboxTail(
              ours.last(),
              ours.hash(),
              later(ours.position(), theirs.position()),
              ours.context().includes(theirs.context()) ? ours.context() : theirs.context(),
              ours.time().max(theirs.time()));
    }
    acknowledge(theirs.last());
    return ready(confirmed);
  }

  /**
   * What stands in the way of going on after the hub's last transaction: another history than ours,
   * or a place that is no longer here. Empty if all is well, also while capture is reading again
   * what the hub has already. For a new session of a running agent; uplink thread.
   */
  public Optional<Fault> difference(Sequence last, ChainHash hash) {
    Sequence first = marks.first().sequence();
    if (first.isAfter(last.next())) {
      return Optional.of(lost(last, first));
    }
    Optional<ChainHash> here = hashOf(last);
    if (here.isPresent() && !here.get().equals(hash)) {
      return Optional.of(
          Fault.of(
                  FaultKind.INTERNAL,
                  OPERATION,
                  "transaction "
                      + last
                      + " has chain hash "
                      + here.get()
                      + " here, "
                      + hash
                      + " at the hub")
              .at(writer)
              .hint("the database or the outbox is another one than before; resync this spoke")
              .build());
    }
    return Optional.empty();
  }

  /**
   * Records a transaction of the site's users.
   *
   * @param position the end of its commit in the source's log
   * @param commitMicros the source's commit time, microseconds since 1970 UTC
   * @param context what its database had applied before it committed
   * @param rows at least one row; closed by the caller
   * @return its sequence, or {@link Sequence#NONE} if it was recorded before and is dropped
   */
  public Sequence committed(
      SourcePosition position, long commitMicros, Context context, RowChunks rows) {
    OutboxTail before = place();
    if (!isAfter(position, before.position())) {
      checkSameAgain(position, rows);
      return Sequence.NONE;
    }
    checkGrows(before.context(), context);
    Sequence sequence = before.last().next();
    ChainHash.Link link = before.hash().link(position);
    RowPieces pieces = new RowPieces(rows, largestPiece);
    if (!pieces.hasNext()) {
      throw new IllegalArgumentException("a transaction without rows at " + position);
    }
    RowBlock piece = pieces.next();
    int chunks = 0;
    while (pieces.hasNext()) {
      link.add(piece.bytes());
      record(new UpstreamRecord.Chunk(new TransactionChunk(writer, sequence, chunks, piece)));
      chunks++;
      piece = pieces.next();
    }
    ChainHash hash = link.add(piece.bytes()).close();
    HybridTime time = before.time().max(seen).tick(commitMicros);
    record(
        new UpstreamRecord.Committed(
            new Transaction(writer, sequence, position, time, context, hash, piece, chunks)));
    hashBeforeLast = before.hash();
    lastTransaction = position;
    tail = new OutboxTail(sequence, hash, position, context, time);
    endGroup(sequence);
    return sequence;
  }

  /** Records a shape unless it was recorded in this process's life. */
  public void shape(TableSchema schema) {
    place();
    if (!announced.contains(schema.id())) {
      record(new UpstreamRecord.Shape(schema));
      announced.add(schema);
    }
  }

  /**
   * Records that everything up to {@code position} was read and the context moved on.
   *
   * @return false if that is known already
   */
  public boolean contextMark(SourcePosition position, Context context) {
    OutboxTail before = place();
    if (!isAfter(position, before.position())) {
      return false;
    }
    checkGrows(before.context(), context);
    record(new UpstreamRecord.ContextMark(position, context));
    moved(position, context);
    return true;
  }

  /**
   * Records that capture met a barrier's mark.
   *
   * @return false if it was recorded before
   */
  public boolean barrierMark(BarrierId barrier, SourcePosition position, Context context) {
    OutboxTail before = place();
    if (!isAfter(position, before.position())) {
      return false;
    }
    checkGrows(before.context(), context);
    record(new UpstreamRecord.BarrierMark(barrier, position, context));
    moved(position, context);
    return true;
  }

  /**
   * Makes everything recorded durable here, because the source is about to be told that it may
   * forget what is up to {@code position}. When this returns, it may be told.
   *
   * @param position nothing up to here is left to be recorded
   */
  public void spill(SourcePosition position) {
    OutboxTail before = place();
    queue.sync();
    record(new UpstreamRecord.SpillMark(position));
    queue.sync();
    if (isAfter(position, before.position())) {
      moved(position, before.context());
    }
  }

  /** A time from elsewhere; later transactions of this writer get later ones. Any thread. */
  public synchronized void saw(HybridTime time) {
    seen = seen.max(time);
  }

  /** The shapes recorded in this process's life, encoded as items of this writer's batches. */
  public List<Bytes> shapes() {
    return announced.all().stream()
        .map(s -> codec.encode(writer.epoch(), new UpstreamRecord.Shape(s)))
        .toList();
  }

  /**
   * The records after a transaction, in order, for the uplink.
   *
   * @param last the last transaction that the hub has; may be later than all there are
   * @throws Fault if the one after it is no longer here
   */
  public OutboxReader readAfter(Sequence last) {
    SendMarks.Mark mark = marks.at(last.next());
    if (mark.sequence().isAfter(last.next())) {
      throw lost(last, mark.sequence());
    }
    return new OutboxReader(
        queue.readFrom(mark.index()), writer.epoch(), last, mark.sequence().equals(last.next()));
  }

  /**
   * The hub holds everything up to this transaction durably: what leads to it may be deleted. An
   * earlier one than before is ignored.
   */
  public void acknowledge(Sequence last) {
    if (last.number() <= acknowledged) {
      return;
    }
    acknowledged = last.number();
    SendMarks.Mark mark = marks.dropBefore(last.next());
    bytesAcknowledged = mark.bytesBefore();
    long keep = lastGroupIndex;
    queue.trimBefore(keep == DurableQueue.NO_INDEX ? mark.index() : Math.min(keep, mark.index()));
  }

  /** The last transaction recorded; NONE if there is none. */
  public Sequence last() {
    return new Sequence(lastSequence);
  }

  /** How many transactions the hub has not acknowledged. */
  public long pendingTransactions() {
    return Math.max(0, lastSequence - acknowledged);
  }

  /** About how many bytes those are; exact to some ten kilobytes. */
  public long pendingBytes() {
    return pendingTransactions() == 0 ? 0 : Math.max(0, appendedBytes - bytesAcknowledged);
  }

  /** Bytes on disk. */
  public long sizeInBytes() {
    return queue.sizeInBytes();
  }

  @Override
  public void close() {
    queue.close();
  }

  private void recover() {
    long groupStart = DurableQueue.NO_INDEX;
    long bytesBefore = 0;
    try (DurableQueue.Reader reader = queue.readFrom(0)) {
      while (reader.next()) {
        UpstreamCodec.Item item = codec.decode(reader.entry());
        int epoch = item.epoch().compareTo(writer.epoch());
        if (epoch > 0) {
          throw notOurs("a record of epoch " + item.epoch() + " in the outbox of " + writer);
        }
        if (epoch == 0) {
          if (groupStart == DurableQueue.NO_INDEX) {
            groupStart = reader.index();
            bytesBefore = appendedBytes;
          }
          long before = appendedBytes;
          appendedBytes = before + reader.entry().length();
          if (recovered(item.record(), groupStart, bytesBefore)) {
            groupStart = DurableQueue.NO_INDEX;
          }
        }
      }
    }
    groupIndex = groupStart;
    groupBytesBefore = bytesBefore;
  }

  /** Takes one record into the recovered state; true if it ends a group. */
  private boolean recovered(UpstreamRecord record, long groupStart, long bytesBefore) {
    switch (record) {
      case UpstreamRecord.Committed r -> {
        recovered(r.transaction(), groupStart, bytesBefore);
        return true;
      }
      case UpstreamRecord.Chunk r -> {}
      case UpstreamRecord.Shape r -> {}
      case UpstreamRecord.ContextMark r -> recovered(r.position(), r.context());
      case UpstreamRecord.BarrierMark r -> recovered(r.position(), r.context());
      case UpstreamRecord.SpillMark r -> recovered(r.position(), null);
    }
    return false;
  }

  private void recovered(Transaction transaction, long groupStart, long bytesBefore) {
    Sequence sequence = transaction.sequence();
    OutboxTail before = tail;
    boolean follows = before == null || sequence.equals(before.last().next());
    if (before != null && !sequence.isAfter(before.last())) {
      throw notOurs("transaction " + sequence + " after " + before.last());
    }
    hashBeforeLast = follows && before != null ? before.hash() : null;
    lastTransaction = transaction.sourcePosition();
    tail =
        new OutboxTail(
            sequence,
            transaction.hash(),
            transaction.sourcePosition(),
            transaction.context(),
            transaction.time());
    lastSequence = sequence.number();
    lastGroupIndex = groupStart;
    if (follows && before != null) {
      marks.add(sequence, groupStart, bytesBefore);
    } else {
      // The first one kept, or the hub's last for the record: the hub has all before it.
      marks.restart(sequence, groupStart, bytesBefore);
      bytesAcknowledged = bytesBefore;
      acknowledged = transaction.rows().isEmpty() ? sequence.number() : sequence.number() - 1;
    }
  }

  private void recovered(SourcePosition position, @Nullable Context context) {
    OutboxTail before = tail;
    if (before != null) {
      moved(later(position, before.position()), context == null ? before.context() : context);
    } else {
      earlyPosition = later(position, earlyPosition);
      earlyContext = context == null ? earlyContext : context;
    }
  }

  private Resumption resumeAlone(SourcePosition confirmed) {
    OutboxTail ours = tail;
    if (ours == null) {
      return new Resumption.AwaitHub("the outbox holds no transaction yet");
    }
    if (isAfter(confirmed, ours.position())) {
      return new Resumption.AwaitHub(
          "the outbox ends at " + ours.position() + ", the source is confirmed to " + confirmed);
    }
    return new Resumption.Ready(ours);
  }

  private Resumption ready(SourcePosition confirmed) {
    OutboxTail now = place();
    if (isAfter(confirmed, now.position())) {
      return new Resumption.NeedsResync(
          Fault.of(
                  FaultKind.INTERNAL,
                  OPERATION,
                  "the source was confirmed to "
                      + confirmed
                      + ", but outbox and hub hold its changes only to "
                      + now.position())
              .at(writer)
              .hint("changes are lost between the two; resync this spoke")
              .build());
    }
    return new Resumption.Ready(now);
  }

  /** The chain hash after a transaction, if it is still in the queue. */
  private Optional<ChainHash> hashOf(Sequence sequence) {
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

  /**
   * Goes on after the hub's last transaction. It is recorded without its rows, so that a later
   * start without the hub knows the number and the hash; it is never sent, because the hub has it.
   */
  private void adopt(OutboxTail theirs) {
    hashBeforeLast = null;
    lastTransaction = null;
    if (theirs.last().equals(Sequence.NONE)) {
      // Marks of a writer without transactions may stand here already; they go on from there.
      Context context =
          earlyContext != null && earlyContext.includes(theirs.context())
              ? earlyContext
              : theirs.context();
      tail =
          new OutboxTail(
              theirs.last(),
              theirs.hash(),
              later(theirs.position(), earlyPosition),
              context,
              theirs.time());
      marks.restart(
          Sequence.NONE.next(),
          groupIndex == DurableQueue.NO_INDEX ? queue.lastIndex() + 1 : groupIndex,
          groupBytesBefore);
      return;
    }
    tail = theirs;
    groupIndex = DurableQueue.NO_INDEX;
    record(
        new UpstreamRecord.Committed(
            new Transaction(
                writer,
                theirs.last(),
                theirs.position(),
                theirs.time(),
                theirs.context(),
                theirs.hash(),
                RowBlock.EMPTY,
                0)));
    marks.restart(theirs.last(), groupIndex, groupBytesBefore);
    endGroup(theirs.last());
  }

  private void record(UpstreamRecord record) {
    Bytes item = codec.encode(writer.epoch(), record);
    long index = queue.append(item);
    if (groupIndex == DurableQueue.NO_INDEX) {
      groupIndex = index;
      groupBytesBefore = appendedBytes;
    }
    long before = appendedBytes; // written by this thread only
    appendedBytes = before + item.length();
  }

  private void endGroup(Sequence sequence) {
    marks.add(sequence, groupIndex, groupBytesBefore);
    lastGroupIndex = groupIndex;
    lastSequence = sequence.number();
    groupIndex = DurableQueue.NO_INDEX;
  }

  private void moved(SourcePosition position, Context context) {
    OutboxTail before = place();
    tail = new OutboxTail(before.last(), before.hash(), position, context, before.time());
  }

  private OutboxTail place() {
    OutboxTail now = tail;
    if (now == null) {
      throw new IllegalStateException("recording before the outbox was resumed");
    }
    return now;
  }

  /** A transaction read again must be the one that was recorded (I2). */
  private void checkSameAgain(SourcePosition position, RowChunks rows) {
    if (hashBeforeLast == null || !position.equals(lastTransaction)) {
      return; // further back than is known here; the hub compares hashes of what it is sent again
    }
    ChainHash.Link link = hashBeforeLast.link(position);
    for (RowBlock block : rows) {
      link.add(block.bytes());
    }
    if (!link.close().equals(place().hash())) {
      throw Fault.invariant(
          "I2", "the source gives other rows than before at " + position + " for " + writer);
    }
  }

  private static void checkGrows(Context before, Context now) {
    if (now != before && !now.includes(before)) {
      throw Fault.invariant("I4", "the context shrank from " + before + " to " + now);
    }
  }

  private SourcePosition later(SourcePosition one, SourcePosition other) {
    return isAfter(one, other) ? one : other;
  }

  /** NONE is before every position; the source's order knows only its own. */
  private boolean isAfter(SourcePosition one, SourcePosition other) {
    if (one.isNone()) {
      return false;
    }
    return other.isNone() || order.compare(one, other) > 0;
  }

  private Fault lost(Sequence hub, Sequence first) {
    return Fault.of(
            FaultKind.INTERNAL,
            OPERATION,
            "the hub has transactions to " + hub + " and the outbox begins at " + first)
        .at(writer)
        .hint("the hub lost what it had acknowledged; resync this spoke")
        .build();
  }

  private Fault notOurs(String what) {
    return Fault.of(FaultKind.INTERNAL, "opening the outbox", what)
        .at(writer)
        .hint("is this another spoke's data directory?")
        .build();
  }
}
