package io.spokewire.simulation;

import io.spokewire.common.id.Writer;
import io.spokewire.simulation.Tables.Key;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Every change of key that the log has. */
final class KeyMoves {
  /**
   * A row got another key.
   *
   * @param dot the transaction
   * @param seen what the old row had seen
   */
  record Move(Key from, Key to, int dot, BitSet seen) {
    boolean isRivalOf(Move earlier) {
      return from.equals(earlier.from) && !to.equals(earlier.to) && !seen.get(earlier.dot);
    }
  }

  /** Says whether a row is there by a transaction, the last to write to it. */
  interface LastWrite {
    boolean test(Key key, int dot);
  }

  private record Known(Move move, Writer writer) {}

  private final List<Known> all = new ArrayList<>();

  void add(Move move, Writer writer) {
    all.add(new Known(move, writer));
  }

  /** Those of others that gave the same row another key, which this one had not seen. */
  List<Move> rivals(Move move, Writer writer) {
    return rivals(move, writer, all);
  }

  private static List<Move> rivals(Move move, Writer writer, List<Known> earlier) {
    return earlier.stream()
        .filter(known -> !known.writer.equals(writer))
        .map(Known::move)
        .filter(move::isRivalOf)
        .toList();
  }

  /** The rows that two concurrent changes of key have left under both keys. */
  List<String> unsettled(LastWrite last) {
    List<String> twice = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Move move = all.get(i).move;
      for (Move rival : rivals(move, all.get(i).writer, all.subList(0, i))) {
        if (last.test(move.to, move.dot) && last.test(rival.to, rival.dot)) {
          twice.add(move.from + " is " + move.to + " and " + rival.to);
        }
      }
    }
    return twice;
  }
}
