package io.spokewire.agent.queue;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.clock.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * How far a writer is: its last transaction, the chain up to it, and up to where the source was
 * read. Holds I2 and I4 against what comes next. Not thread-safe.
 */
final class WriterPlace {
  private final Writer writer;
  private final Comparator<SourcePosition> order;

  private @Nullable OutboxTail tail; // null until the writer's place is known
  private @Nullable ChainHash hashBeforeLast; // null if the transaction before the last is gone
  private @Nullable SourcePosition lastTransaction; // null if there is none in the queue
  private SourcePosition earlyPosition = SourcePosition.NONE; // of marks before any transaction
  private @Nullable Context earlyContext;

  WriterPlace(Writer writer, Comparator<SourcePosition> order) {
    this.writer = writer;
    this.order = order;
  }

  /** Null until it is known. */
  @Nullable OutboxTail tail() {
    return tail;
  }

  /**
   * Where it is.
   *
   * @throws IllegalStateException if that is not known yet
   */
  OutboxTail known() {
    OutboxTail now = tail;
    if (now == null) {
      throw new IllegalStateException("recording before the outbox was resumed");
    }
    return now;
  }

  /** Whether the source has been read up to here, marks included. */
  boolean isPast(SourcePosition position) {
    return !isAfter(position, known().position());
  }

  /** A transaction follows the last one. */
  void committed(Transaction transaction) {
    hashBeforeLast = known().hash();
    lastTransaction = transaction.sourcePosition();
    tail = tailOf(transaction);
  }

  /** The source was read up to here, and this had been applied there. */
  void moved(SourcePosition position, Context context) {
    OutboxTail before = known();
    tail = new OutboxTail(before.last(), before.hash(), position, context, before.time());
  }

  /** Where the hub says that it is, which is further than is known here. */
  void adopt(OutboxTail theirs) {
    hashBeforeLast = null;
    lastTransaction = null;
    if (theirs.last().equals(Sequence.NONE)) {
      // Marks of a writer without transactions may stand here already; they go on from there.
      Context early = earlyContext;
      tail =
          new OutboxTail(
              theirs.last(),
              theirs.hash(),
              later(theirs.position(), earlyPosition),
              early != null && early.includes(theirs.context()) ? early : theirs.context(),
              theirs.time());
    } else {
      tail = theirs;
    }
  }

  /** The hub has read what is known here; it may know of later marks. */
  void join(OutboxTail theirs) {
    OutboxTail ours = known();
    tail =
        new OutboxTail(
            ours.last(),
            ours.hash(),
            later(ours.position(), theirs.position()),
            ours.context().includes(theirs.context()) ? ours.context() : theirs.context(),
            ours.time().max(theirs.time()));
  }

  // ---- what an earlier life left

  /** A transaction in the queue; true if it follows the one before, or is the same one. */
  boolean read(Transaction transaction) {
    OutboxTail before = tail;
    if (before != null && transaction.sequence().equals(before.last())) {
      tail =
          new OutboxTail(
              before.last(),
              before.hash(),
              later(transaction.sourcePosition(), before.position()),
              transaction.context().includes(before.context())
                  ? transaction.context()
                  : before.context(),
              before.time());
      return true;
    }
    boolean follows = before != null && transaction.sequence().equals(before.last().next());
    hashBeforeLast = follows && before != null ? before.hash() : null;
    lastTransaction = transaction.sourcePosition();
    tail = tailOf(transaction);
    return follows;
  }

  /** A mark in the queue; null for a context that it does not tell. */
  void read(SourcePosition position, @Nullable Context context) {
    OutboxTail before = tail;
    if (before != null) {
      moved(later(position, before.position()), context == null ? before.context() : context);
    } else {
      earlyPosition = later(position, earlyPosition);
      earlyContext = context == null ? earlyContext : context;
    }
  }

  // ---- invariants

  /** A transaction read again must be the one that was recorded (I2). */
  void checkSameAgain(SourcePosition position, RowChunks rows) {
    if (hashBeforeLast == null || !position.equals(lastTransaction)) {
      return; // further back than is known here; the hub compares hashes of what it is sent again
    }
    ChainHash.Link link = hashBeforeLast.link(position);
    for (RowBlock block : rows) {
      link.add(block.bytes());
    }
    if (!link.close().equals(known().hash())) {
      throw Fault.invariant(
          "I2", "the source gives other rows than before at " + position + " for " + writer);
    }
  }

  /** The context of what comes next includes what is known (I4). */
  void checkGrows(Context next) {
    Context before = known().context();
    if (next != before && !next.includes(before)) {
      throw Fault.invariant("I4", "the context shrank from " + before + " to " + next);
    }
  }

  /** NONE is before every position; the source's order knows only its own. */
  boolean isAfter(SourcePosition one, SourcePosition other) {
    if (one.isNone()) {
      return false;
    }
    return other.isNone() || order.compare(one, other) > 0;
  }

  private SourcePosition later(SourcePosition one, SourcePosition other) {
    return isAfter(one, other) ? one : other;
  }

  private static OutboxTail tailOf(Transaction transaction) {
    return new OutboxTail(
        transaction.sequence(),
        transaction.hash(),
        transaction.sourcePosition(),
        transaction.context(),
        transaction.time());
  }
}
