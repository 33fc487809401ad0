package io.spokewire.hub.pipeline;

import io.spokewire.common.change.Transaction;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.log.HubStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells which transactions of a spoke's present life the log has from an earlier one. A database
 * that was restored holds commits that were captured before: they are read again from its log, at
 * the same places and with the same rows. With the first commit that is another one the lives part,
 * and nothing after it was captured before. Owned by the sequencer.
 */
final class EarlierLife {
  private final HubStore store;
  private final Writer writer;
  private final Position start;

  /** By writer of an earlier epoch: the log from there on is yet to be compared. */
  private final Map<Writer, Position> compared = new HashMap<>();

  private SourcePosition end = SourcePosition.NONE; // of what earlier lives captured
  private boolean parted;

  /**
   * @param after what the database held when this life began
   * @param before the last states of writers, among them those of earlier epochs
   */
  EarlierLife(HubStore store, Writer writer, long after, Collection<WriterState> before) {
    this.store = store;
    this.writer = writer;
    this.start = store.head().at(Math.max(after, store.trimmedThrough().number()));
    for (WriterState state : before) {
      if (isEarlier(state.writer())) {
        compared.put(state.writer(), start);
        end = end.isBefore(state.sourcePosition()) ? state.sourcePosition() : end;
      }
    }
  }

  private boolean isEarlier(Writer other) {
    return other.spoke().equals(writer.spoke()) && other.epoch().compareTo(writer.epoch()) < 0;
  }

  /** Whether the log has it; asked of each new transaction in order, once or again. */
  boolean has(Transaction transaction) {
    if (parted) {
      return false;
    }
    parted =
        end.isBefore(transaction.sourcePosition())
            || compared.keySet().stream().noneMatch(w -> hasOf(w, transaction));
    return !parted;
  }

  private boolean hasOf(Writer earlier, Transaction transaction) {
    try (HubStore.EntryReader entries = store.read(compared.getOrDefault(earlier, start))) {
      while (entries.hasNext()) {
        if (entries.next() instanceof LogEntry.Outcome outcome
            && outcome.transaction().writer().equals(earlier)) {
          Transaction known = outcome.transaction();
          if (!known.sourcePosition().isBefore(transaction.sourcePosition())) {
            return isSame(known, transaction);
          }
          compared.put(earlier, outcome.position());
        }
      }
    }
    return false;
  }

  private static boolean isSame(Transaction one, Transaction other) {
    return one.sourcePosition().equals(other.sourcePosition())
        && one.stagedChunks() == other.stagedChunks()
        && one.rows().equals(other.rows());
  }
}
