package io.spokewire.agent.capture.postgres;

import io.spokewire.common.bytes.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a transaction in which triggers made changes. The triggers of a statement run when
 * all its rows are changed: what one of them does to a row that the statement changed too may be
 * logged before the statement's own change of it. That one goes before it: it leaves what the other
 * found.
 *
 * <p>Holds the whole transaction. Not thread-safe.
 */
final class NestedChanges {
  private final List<LoggedChange> logged = new ArrayList<>();

  void add(LoggedChange change) {
    logged.add(change);
  }

  /** In the order in which rows were changed. */
  List<LoggedChange> inOrder() {
    Map<Found, List<Integer>> deeper = new HashMap<>(); // by what they found
    Map<Integer, List<Integer>> before = new HashMap<>();
    for (int i = 0; i < logged.size(); i++) {
      LoggedChange change = logged.get(i);
      Found left = Found.of(change, change.newRow());
      List<Integer> later = left == null ? null : deeper.get(left);
      if (later != null) {
        for (int other : later) {
          if (logged.get(other).depth() > change.depth()) {
            before.computeIfAbsent(other, n -> new ArrayList<>()).add(i);
            later.remove(Integer.valueOf(other));
            break;
          }
        }
      }
      Found found = Found.of(change, change.oldRow());
      if (found != null && change.depth() > 1) {
        deeper.computeIfAbsent(found, f -> new ArrayList<>()).add(i);
      }
    }
    if (before.isEmpty()) {
      return logged;
    }
    List<LoggedChange> ordered = new ArrayList<>(logged.size());
    boolean[] done = new boolean[logged.size()];
    for (int i = 0; i < logged.size(); i++) {
      put(i, before, done, ordered);
    }
    return ordered;
  }

  private void put(
      int index, Map<Integer, List<Integer>> before, boolean[] done, List<LoggedChange> ordered) {
    if (done[index]) {
      return;
    }
    done[index] = true;
    for (int earlier : before.getOrDefault(index, List.of())) {
      put(earlier, before, done, ordered);
    }
    ordered.add(logged.get(index));
  }

  /** A row as it was found or left. */
  private record Found(long relation, Bytes row) {
    static @Nullable Found of(LoggedChange change, byte @Nullable [] row) {
      return row == null ? null : new Found(change.relation(), Bytes.wrap(row));
    }
  }
}
