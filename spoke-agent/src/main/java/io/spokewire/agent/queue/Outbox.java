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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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
 * then the transaction. The last transaction stays, acknowledged or not, so the queue alone says
 * where the writer stands. Where many marks follow it, it is written once more without its rows and
 * with the place and context reached (a rest), and what is before is deleted once the hub has it;
 * such a copy is never sent. Chunks without their transaction (a crash between them) may stand in
 * the queue; the chunk with index 0 that follows begins anew.
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

  /** So many bytes of marks behind the last transaction are worth a sync to get rid of them. */
  private static final long MARKS_KEPT = 1 << 20;

  private static final String OPERATION = "resuming capture";

  private final OutboxRecords records;
  private final WriterPlace place;
  private final Writer writer;
  private final Sizes sizes;
  private final SchemaBook announced = new SchemaBook();
  private volatile HybridTime seen = HybridTime.ZERO;

  /**
   * @param largestPiece in bytes, of the rows that travel in one record
   * @param marksKept bytes behind the last transaction after which a rest is written
   */
  record Sizes(int largestPiece, long marksKept) {}

  private Outbox(OutboxRecords records, WriterPlace place, Writer writer, Sizes sizes) {
    this.records = records;
    this.place = place;
    this.writer = writer;
    this.sizes = sizes;
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
    return open(queue, codec, writer, order, new Sizes(LARGEST_PIECE, MARKS_KEPT));
  }

  /** As above, with other sizes. */
  static Outbox open(
      DurableQueue queue,
      UpstreamCodec codec,
      Writer writer,
      Comparator<SourcePosition> order,
      Sizes sizes) {
    OutboxRecords records = new OutboxRecords(queue, codec, writer, order);
    WriterPlace place = new WriterPlace(writer, order);
    OutboxRecovery.run(records, place, writer);
    return new Outbox(records, place, writer, sizes);
  }

  /** Where the writer stands as far as the queue says; empty if it holds no transaction. */
  public Optional<OutboxTail> tail() {
    return Optional.ofNullable(place.tail());
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
    OutboxTail ours = place.tail();
    if (ours == null || theirs.last().isAfter(ours.last())) {
      adopt(theirs);
    } else {
      Optional<Fault> difference = difference(theirs.last(), theirs.hash());
      if (difference.isPresent()) {
        return new Resumption.NeedsResync(difference.get());
      }
      place.join(theirs);
    }
    acknowledge(theirs.last(), theirs.position());
    return ready(confirmed);
  }

  /**
   * What stands in the way of going on after the hub's last transaction: another history than ours,
   * or a place that is no longer here. Empty if all is well, also while capture is reading again
   * what the hub has already. For a new session of a running agent; uplink thread.
   */
  public Optional<Fault> difference(Sequence last, ChainHash hash) {
    Optional<Fault> lost = records.lostAfter(last);
    if (lost.isPresent()) {
      return lost;
    }
    Optional<ChainHash> here = records.hashOf(last);
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
              .hint(
                  "the database or the outbox is another one than before; " + Resumption.START_ANEW)
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
    OutboxTail before = place.known();
    if (place.isPast(position)) {
      place.checkSameAgain(position, rows);
      return Sequence.NONE;
    }
    place.checkGrows(context);
    Sequence sequence = before.last().next();
    ChainHash.Link link = before.hash().link(position);
    RowPieces pieces = new RowPieces(rows, sizes.largestPiece());
    if (!pieces.hasNext()) {
      throw new IllegalArgumentException("a transaction without rows at " + position);
    }
    RowBlock piece = pieces.next();
    int chunks = 0;
    while (pieces.hasNext()) {
      link.add(piece.bytes());
      records.add(new UpstreamRecord.Chunk(new TransactionChunk(writer, sequence, chunks, piece)));
      chunks++;
      piece = pieces.next();
    }
    ChainHash hash = link.add(piece.bytes()).close();
    HybridTime time = before.time().max(seen).tick(commitMicros);
    Transaction transaction =
        new Transaction(writer, sequence, position, time, context, hash, piece, chunks);
    records.add(new UpstreamRecord.Committed(transaction));
    place.committed(transaction);
    records.endGroup(sequence);
    return sequence;
  }

  /** Records a shape unless it was recorded in this process's life. */
  public void shape(TableSchema schema) {
    place.known();
    if (!announced.contains(schema.id())) {
      records.add(new UpstreamRecord.Shape(schema));
      announced.add(schema);
    }
  }

  /**
   * Records that everything up to {@code position} was read and the context moved on.
   *
   * @return false if that is known already
   */
  public boolean contextMark(SourcePosition position, Context context) {
    return mark(position, context, new UpstreamRecord.ContextMark(position, context));
  }

  /**
   * Records that capture met a barrier's mark.
   *
   * @return false if it was recorded before
   */
  public boolean barrierMark(BarrierId barrier, SourcePosition position, Context context) {
    return mark(position, context, new UpstreamRecord.BarrierMark(barrier, position, context));
  }

  /**
   * Makes everything recorded durable here, because the source is about to be told that it may
   * forget what is up to {@code position}. When this returns, it may be told.
   *
   * @param position nothing up to here is left to be recorded
   */
  public void spill(SourcePosition position) {
    OutboxTail before = place.known();
    records.sync();
    records.add(new UpstreamRecord.SpillMark(position));
    records.sync();
    if (!place.isPast(position)) {
      place.moved(position, before.context());
    }
  }

  /** A time from elsewhere; later transactions of this writer get later ones. Any thread. */
  public synchronized void saw(HybridTime time) {
    seen = seen.max(time);
  }

  /** The shapes recorded in this process's life, encoded as items of this writer's batches. */
  public List<Bytes> shapes() {
    return announced.all().stream().map(s -> records.encode(new UpstreamRecord.Shape(s))).toList();
  }

  /**
   * The records after a transaction, in order, for the uplink.
   *
   * @param last the last transaction that the hub has; may be later than all there are
   * @throws Fault if the one after it is no longer here
   */
  public OutboxReader readAfter(Sequence last) {
    return records.readAfter(last);
  }

  /**
   * The hub holds everything up to this transaction, and up to this place of the source's log,
   * durably: what leads to it may be deleted. Earlier ones than before are ignored.
   *
   * @param position NONE if it is not known
   */
  public void acknowledge(Sequence last, SourcePosition position) {
    records.acknowledge(last, position);
  }

  /** The last transaction recorded; NONE if there is none. */
  public Sequence last() {
    return records.last();
  }

  /** How many transactions the hub has not acknowledged. */
  public long pendingTransactions() {
    return records.pendingTransactions();
  }

  /** About how many bytes those are; exact to some ten kilobytes. */
  public long pendingBytes() {
    return records.pendingBytes();
  }

  /** Bytes on disk. */
  public long sizeInBytes() {
    return records.sizeInBytes();
  }

  @Override
  public void close() {
    records.close();
  }

  private boolean mark(SourcePosition position, Context context, UpstreamRecord mark) {
    if (place.isPast(position)) {
      return false;
    }
    place.checkGrows(context);
    records.add(mark);
    place.moved(position, context);
    // Only here: what a rest is acknowledged by is the mark right before it.
    if (records.wantsRest(sizes.marksKept())) {
      records.addRest(rest(), position);
    }
    return true;
  }

  /** Where the writer stands, in one record. */
  private UpstreamRecord rest() {
    OutboxTail now = place.known();
    return now.last().equals(Sequence.NONE)
        ? new UpstreamRecord.ContextMark(now.position(), now.context())
        : withoutRows(now);
  }

  private UpstreamRecord withoutRows(OutboxTail at) {
    return new UpstreamRecord.Committed(
        new Transaction(
            writer,
            at.last(),
            at.position(),
            at.time(),
            at.context(),
            at.hash(),
            RowBlock.EMPTY,
            0));
  }

  private Resumption resumeAlone(SourcePosition confirmed) {
    OutboxTail ours = place.tail();
    if (ours == null) {
      return new Resumption.AwaitHub("the outbox holds no transaction yet");
    }
    if (!place.isPast(confirmed)) {
      return new Resumption.AwaitHub(
          "the outbox ends at " + ours.position() + ", the source is confirmed to " + confirmed);
    }
    return new Resumption.Ready(ours);
  }

  private Resumption ready(SourcePosition confirmed) {
    OutboxTail now = place.known();
    if (!place.isPast(confirmed)) {
      return new Resumption.NeedsResync(
          Fault.of(
                  FaultKind.INTERNAL,
                  OPERATION,
                  "the source was confirmed to "
                      + confirmed
                      + ", but outbox and hub hold its changes only to "
                      + now.position())
              .at(writer)
              .hint("changes are lost between the two; " + Resumption.START_ANEW)
              .build());
    }
    return new Resumption.Ready(now);
  }

  /**
   * Goes on after the hub's last transaction. It is recorded without its rows, so that a later
   * start without the hub knows the number and the hash; it is never sent, because the hub has it.
   */
  private void adopt(OutboxTail theirs) {
    place.adopt(theirs);
    if (theirs.last().equals(Sequence.NONE)) {
      records.beginAt(Sequence.NONE.next());
      return;
    }
    records.leaveGroup();
    records.add(withoutRows(theirs));
    records.endGroupWithoutRows(theirs.last());
  }
}
