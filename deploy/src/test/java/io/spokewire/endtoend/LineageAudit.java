package io.spokewire.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Judges from outside whether conflicts were found as they happened. A lineage names the writes
 * that a value was made on top of. A write whose name is neither in its row nor in any audited
 * sibling was lost silently; two siblings of which one names all that the other names were not
 * concurrent.
 */
final class LineageAudit {
  private final Map<Integer, Set<String>> found = new HashMap<>();
  private final List<String> falseConflicts = new ArrayList<>();
  private int conflicts;

  /** The lineage that a row has in the end. */
  void row(int row, String lineage) {
    found.computeIfAbsent(row, r -> new HashSet<>()).addAll(names(lineage));
  }

  /** A record of a conflict about a lineage, as {@code conflicts list -o json} prints it. */
  void conflict(JsonNode conflict) {
    conflicts++;
    int row = conflict.get("key").get("id").asInt();
    List<Set<String>> siblings = new ArrayList<>();
    conflict.get("siblings").forEach(s -> siblings.add(names(s.get("value").asText())));
    siblings.forEach(s -> found.computeIfAbsent(row, r -> new HashSet<>()).addAll(s));
    Set<String> arriving = names(conflict.get("source_value").asText());
    Set<String> met = names(conflict.get("target_value").asText());
    if (arriving.containsAll(met) || met.containsAll(arriving)) {
      falseConflicts.add(conflict.toString());
    }
  }

  int conflicts() {
    return conflicts;
  }

  /** Records of two writes of which one had seen the other. */
  List<String> falseConflicts() {
    return List.copyOf(falseConflicts);
  }

  /** Of these writes, each with its row, those that nothing tells of. */
  Set<String> lost(Map<String, Integer> writes) {
    Set<String> lost = new TreeSet<>();
    writes.forEach(
        (name, row) -> {
          if (!found.getOrDefault(row, Set.of()).contains(name)) {
            lost.add(name + " to row " + row);
          }
        });
    return lost;
  }

  private static Set<String> names(String lineage) {
    return Set.of(lineage.split(",", -1));
  }
}
