package io.spokewire.hub.fanout;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
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
   * @param receiver who the spoke is now; what it wrote in an earlier epoch is not in its database
   */
  public RowBlock rowsFor(Writer receiver, LogEntry.Outcome outcome) {
    boolean own = outcome.transaction().writer().equals(receiver);
    return rows(own, outcome.transaction().rows(), outcome.resolutions());
  }

  /**
   * The rows of a part.
   *
   * @param origin who wrote the transaction
   */
  public RowBlock rowsFor(Writer receiver, LogEntry.OutcomePart part, Writer origin) {
    return rows(origin.equals(receiver), part.rows(), part.resolutions());
  }

  private RowBlock rows(boolean own, RowBlock rows, List<RowResolution> resolutions) {
    if (resolutions.isEmpty()) {
      return own ? RowBlock.EMPTY : rows;
    }
    return own ? answered(resolutions) : spliced(rows, resolutions);
  }

  private RowBlock answered(List<RowResolution> resolutions) {
    writer.clear();
    for (RowResolution resolution : resolutions) {
      putIfAny(resolution.forOrigin());
    }
    return writer.toBlock();
  }

  /** Each row that has resolutions is replaced by what they say, of which there may be two. */
  private RowBlock spliced(RowBlock rows, List<RowResolution> resolutions) {
    writer.clear();
    Iterator<RowResolution> settled = resolutions.iterator();
    RowResolution next = settled.next();
    RowBlock.Cursor cursor = rows.iterator();
    for (int index = 0; cursor.hasNext(); index++) {
      cursor.next();
      boolean replaced = false;
      while (next != null && next.row() == index) {
        putIfAny(next.forOthers());
        replaced = true;
        next = settled.hasNext() ? settled.next() : null;
      }
      if (!replaced) {
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
