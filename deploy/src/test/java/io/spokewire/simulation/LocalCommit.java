package io.spokewire.simulation;

import io.spokewire.common.change.RowBlock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What users committed in one transaction, and what it had truly seen.
 *
 * @param dot the transaction's own name: one bit in every history
 */
record LocalCommit(
    int dot, String label, RowBlock rows, Map<Tables.Key, Map<Integer, Write>> writes) {

  /** What it did to one field: what the field had seen before, and the values it was given. */
  record Write(BitSet seen, List<String> values) {
    String last() {
      return values.getLast();
    }
  }

  /** Notes one more write to a field. */
  static void note(
      Map<Tables.Key, Map<Integer, Write>> writes,
      Tables.Key key,
      int field,
      BitSet seenBefore,
      String value) {
    writes
        .computeIfAbsent(key, k -> new TreeMap<>())
        .computeIfAbsent(field, f -> new Write(seenBefore, new ArrayList<>()))
        .values()
        .add(value);
  }
}
