package io.spokewire.hub.pipeline;

import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.TransactionChunk;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.stream.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Receives one writer's stream: says what is new, what came before, and what can't be. Keeps where
 * the writer stands, which may be ahead of the store until the group is committed. Owned by the
 * sequencer.
 */
final class WriterDesk {
  private final HashRing recent;
  private WriterState state;
  private boolean moved;
  private long chunkSequence;
  private int chunks;

  WriterDesk(WriterState state, int hashesKept) {
    this.state = state;
    this.recent = new HashRing(hashesKept);
    if (!state.last().equals(Sequence.NONE)) {
      recent.put(state.last(), state.hash());
    }
  }

  /** What a transaction is. */
  sealed interface Verdict {
    /** The next one; its rows are still to be compared with its hash. */
    record Fresh() implements Verdict {}

    /** The same one came before. */
    record Known() implements Verdict {}

    /**
     * @param fork whether this stream and the one before can't both be of one agent
     */
    record Refused(Refusal refusal, boolean fork) implements Verdict {}
  }

  WriterState state() {
    return state;
  }

  /** Whether the state changed since {@link #settled()}. */
  boolean hasMoved() {
    return moved;
  }

  /** The state is durable. */
  void settled() {
    moved = false;
  }

  /** A hash found in the log at start. */
  void remember(Sequence sequence, ChainHash hash) {
    if (sequence.number() <= state.last().number()) {
      recent.put(sequence, hash);
    }
  }

  /** The chunk's refusal; null if it is to be staged or, being known, ignored. */
  @Nullable Refusal judge(TransactionChunk chunk) {
    if (!chunk.writer().equals(state.writer())) {
      return fenced(chunk.writer().toString());
    }
    if (isKnown(chunk)) {
      return null;
    }
    if (chunk.sequence().number() != state.last().number() + 1) {
      return gap(chunk.sequence());
    }
    if (chunk.index() == 0) {
      chunkSequence = chunk.sequence().number();
      chunks = 0;
    }
    if (chunkSequence != chunk.sequence().number() || chunk.index() != chunks) {
      return Refusal.passing(
          Refusal.GAP,
          "chunk " + chunk.index() + " of " + chunk.sequence() + " where " + chunks + " is next");
    }
    chunks++;
    return null;
  }

  /** Whether the chunk belongs to a transaction that came before. */
  boolean isKnown(TransactionChunk chunk) {
    return !chunk.sequence().isAfter(state.last());
  }

  /**
   * @param head what the spoke can have seen at most
   */
  Verdict judge(Transaction transaction, Position head) {
    if (!transaction.writer().equals(state.writer())) {
      return new Verdict.Refused(fenced(transaction.writer().toString()), false);
    }
    Sequence sequence = transaction.sequence();
    if (!sequence.isAfter(state.last())) {
      return judgeAgain(transaction);
    }
    if (sequence.number() != state.last().number() + 1) {
      return new Verdict.Refused(gap(sequence), false);
    }
    Refusal badContext = judge(transaction.context(), head);
    if (badContext != null) {
      return new Verdict.Refused(badContext, false);
    }
    int staged = chunkSequence == sequence.number() ? chunks : 0;
    if (transaction.stagedChunks() != staged) {
      return new Verdict.Refused(
          Refusal.passing(
              Refusal.GAP,
              sequence + " has " + transaction.stagedChunks() + " chunks, " + staged + " came"),
          false);
    }
    return new Verdict.Fresh();
  }

  /** A context's refusal; null if it may be. Contexts of a stream never shrink (I4). */
  @Nullable Refusal judge(Context context, Position head) {
    long[] above = context.above();
    long highest = above.length == 0 ? context.low().number() : above[above.length - 1];
    if (highest > head.number()) {
      return Refusal.of(
          Refusal.MALFORMED, "a context of " + highest + " when the log ends at " + head, "");
    }
    if (!context.includes(state.context())) {
      return Refusal.of(
          Refusal.MALFORMED,
          "the context fell from " + state.context() + " to " + context + " (invariant I4)",
          "the spoke's database went back in time, or this is a bug: report it");
    }
    return null;
  }

  /**
   * Whether a mark came before: an agent sends its marks again after the last transaction that was
   * acknowledged, when its session or its flow begins anew. Taken as new, it would move the place
   * up to where the source may forget backwards.
   */
  boolean isOlder(SourcePosition position, Context context) {
    return position.isBefore(state.sourcePosition())
        || (state.context().includes(context) && !context.includes(state.context()));
  }

  /** The transaction has its place; {@code time} is what the log has for it. */
  void accept(Transaction transaction, HybridTime time) {
    state =
        new WriterState(
            state.writer(),
            transaction.sequence(),
            transaction.hash(),
            transaction.sourcePosition(),
            transaction.context(),
            time);
    recent.put(transaction.sequence(), transaction.hash());
    chunks = 0;
    chunkSequence = 0;
    moved = true;
  }

  /** A mark came: nothing of the users up to there, but the context moved on. */
  void accept(SourcePosition sourcePosition, Context context) {
    state =
        new WriterState(
            state.writer(), state.last(), state.hash(), sourcePosition, context, state.time());
    moved = true;
  }

  private Verdict judgeAgain(Transaction transaction) {
    ChainHash before = recent.find(transaction.sequence());
    if (before == null) {
      return new Verdict.Refused(
          Refusal.passing(
              Refusal.GAP,
              transaction.sequence()
                  + " came before, too long ago to compare; the last is "
                  + state.last()),
          false);
    }
    if (before.equals(transaction.hash())) {
      return new Verdict.Known();
    }
    return new Verdict.Refused(
        Refusal.of(
            Refusal.FENCED,
            transaction.sequence() + " came before with other content: two copies of this agent?",
            Refusal.START_ANEW),
        true);
  }

  private Refusal fenced(String writer) {
    return Refusal.of(Refusal.FENCED, "data of " + writer + ", not of " + state.writer(), "");
  }

  private Refusal gap(Sequence sequence) {
    return Refusal.passing(
        Refusal.GAP, sequence + " came where " + state.last().next() + " is next");
  }
}
