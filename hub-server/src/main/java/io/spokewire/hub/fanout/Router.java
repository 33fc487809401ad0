package io.spokewire.hub.fanout;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.RowResolution;
import java.util.Iterator;
import java.util.List;

/**
 * What an outcome's rows are for one spoke. Rows that met no sibling go to every other spoke as the
 * bytes they came in; with resolutions, the block is put together anew. Reuses a buffer: one
 * thread.
 */
public final class Router {
  private final RowBlockWriter writer = new RowBlockWriter();

  /**
   * The rows of a whole outcome, or of the last part of a staged one.
   *
   * @param receiver who the spoke is now; what it wrote in an earlier epoch may be in its database
   *     or not
   */
  public RowBlock rowsFor(Writer receiver, LogEntry.Outcome outcome) {
    Writer origin = outcome.transaction().writer();
    return rows(receiver, origin, outcome.transaction().rows(), outcome.resolutions());
  }

  /**
   * The rows of a part.
   *
   * @param origin who wrote the transaction
   */
  public RowBlock rowsFor(Writer receiver, LogEntry.OutcomePart part, Writer origin) {
    return rows(receiver, origin, part.rows(), part.resolutions());
  }

  private RowBlock rows(
      Writer receiver, Writer origin, RowBlock rows, List<RowResolution> resolutions) {
    boolean own = origin.equals(receiver);
    if (resolutions.isEmpty()) {
      return own ? RowBlock.EMPTY : rows;
    }
    if (own) {
      return answered(resolutions);
    }
    return origin.spoke().equals(receiver.spoke())
        ? spliced(rows, resolutions, Router::forEarlierLife)
        : spliced(rows, resolutions, (change, of, half) -> of.forOthers());
  }

  private static Bytes forEarlierLife(RowChange change, RowResolution resolution, int half) {
    return switch (change) {
      case RowChange.Insert c -> resolution.forEarlierLife(c.schema(), c.key(), c.after());
      case RowChange.Update c -> resolution.forEarlierLife(c.schema(), c.key(), c.after());
      case RowChange.Delete c -> resolution.forEarlierLife(c.schema(), c.key(), Tuple.NONE);
      case RowChange.KeyChange c ->
          resolution.forEarlierLife(c.schema(), half == 0 ? c.oldKey() : c.newKey(), Tuple.NONE);
      case RowChange.Truncate c ->
          half == 0 ? resolution.forOthers() : resolution.forEarlierTruncation();
    };
  }

  /** What a resolution is for the receiver; a change of key has two halves. */
  private interface Share {
    Bytes of(RowChange change, RowResolution resolution, int half);
  }

  private RowBlock answered(List<RowResolution> resolutions) {
    writer.clear();
    for (RowResolution resolution : resolutions) {
      putIfAny(resolution.forOrigin());
    }
    return writer.toBlock();
  }

  /** Each row that has resolutions is replaced by what they say, of which there may be two. */
  private RowBlock spliced(RowBlock rows, List<RowResolution> resolutions, Share share) {
    writer.clear();
    Iterator<RowResolution> settled = resolutions.iterator();
    RowResolution next = settled.next();
    RowBlock.Cursor cursor = rows.iterator();
    for (int index = 0; cursor.hasNext(); index++) {
      RowChange change = cursor.next();
      int replacements = 0;
      while (next != null && next.row() == index) {
        putIfAny(share.of(change, next, replacements));
        replacements++;
        next = settled.hasNext() ? settled.next() : null;
      }
      if (replacements == 0) {
        writer.putEncoded(cursor.encoded());
      }
    }
    return writer.toBlock();
  }

  private void putIfAny(Bytes encodedRow) {
    if (!encodedRow.isEmpty()) {
      writer.putEncoded(encodedRow);
    }
  }
}
