package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.RowSpool;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the subtransactions of a streamed transaction begin in its spool. Not thread-safe.
 *
 * <p>Subtransactions nest and their changes come in log order, so whatever follows the first change
 * of one belongs to it, to one inside it, or to a parent that ends with it: its abort cuts
 * everything from there.
 */
final class Subtransactions {
  private final RowSpool spool;
  private final List<Part> parts = new ArrayList<>();

  Subtransactions(RowSpool spool) {
    this.spool = spool;
  }

  /** Something of this subtransaction comes next. */
  void enter(int subxid) {
    for (int i = parts.size() - 1; i >= 0; i--) {
      if (parts.get(i).subxid == subxid) {
        return;
      }
    }
    parts.add(new Part(subxid, spool.mark()));
  }

  /** Drops what belongs to a subtransaction; nothing if it had no change. */
  void abort(int subxid) {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).subxid == subxid) {
        spool.truncate(parts.get(i).start);
        parts.subList(i, parts.size()).clear();
        return;
      }
    }
  }

  private record Part(int subxid, RowSpool.Mark start) {}
}
