package io.spokewire.hub.resolve;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Deliberate faults of the window, for oracles that must see them. */
public final class WindowFaults {
  private static final int FIELDS = 64;

  private WindowFaults() {}

  /** Of each conflict only the winner stays a sibling. */
  public static void keepOnlyWinners(Resolver resolver, LogEntry.Outcome outcome) {
    for (ConflictRecord c : outcome.conflicts()) {
      RowWindow window = resolver.window(c.table(), c.key());
      if (window == null || c.field().equals(ConflictRecord.EXISTENCE)) {
        continue;
      }
      int field = window.table.fieldNumber(c.field());
      for (Version v : window.siblings()) {
        if (v.sibling.contains(field) && !v.written(field).equals(c.result().value())) {
          v.sibling.remove(field);
        }
      }
    }
  }

  /**
   * Every earlier write of some writers counts as seen by this transaction, which is about to be
   * resolved.
   *
   * @param writers whose
   * @param tableOf the table that rows of a shape belong to
   */
  public static void dropSiblings(
      Resolver resolver,
      Predicate<Writer> writers,
      Transaction transaction,
      Position next,
      RowBlock rows,
      Function<RowChange, TableName> tableOf) {
    Mark mark = Resolver.markOf(transaction, next);
    for (RowChange change : rows) {
      RowWindow window = resolver.window(tableOf.apply(change), keyOf(change));
      if (window == null) {
        continue;
      }
      for (Version v : List.copyOf(window.siblings())) {
        if (writers.test(v.mark.writer())) {
          for (int field = 0; field < FIELDS; field++) {
            drop(window, v, field, mark);
          }
        }
      }
    }
  }

  private static void drop(RowWindow window, Version version, int field, Mark mark) {
    if (version.sibling.contains(field) && window.live(field, mark).contains(version)) {
      version.sibling.remove(field);
    }
  }

  private static RowKey keyOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c.key();
      case RowChange.Update c -> c.key();
      case RowChange.Delete c -> c.key();
      case RowChange.KeyChange c -> c.newKey();
      case RowChange.Truncate c -> throw new AssertionError(c);
    };
  }
}
