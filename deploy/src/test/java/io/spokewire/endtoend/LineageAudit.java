package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.DatabaseSite;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

  /** Judges what the writers wrote to table {@code hot}, which is the same at all sites by now. */
  static void judge(Cluster cluster, DatabaseSite site, List<LineageWriter> writers)
      throws SQLException {
    LineageAudit audit = new LineageAudit();
    try (Connection connection = site.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id, lineage FROM hot")) {
      while (rows.next()) {
        audit.row(rows.getInt(1), rows.getString(2));
      }
    }
    CommandResult conflicts =
        cluster
            .hub()
            .syncadm("conflicts", "list", "--table", "hot", "--field", "lineage", "-o", "json");
    Cluster.json(conflicts).forEach(audit::conflict);
    Map<String, Integer> written = new HashMap<>();
    writers.forEach(writer -> written.putAll(writer.acknowledged()));
    System.out.printf("%d writes, %d conflicts%n", written.size(), audit.conflicts());
    assertThat(audit.conflicts()).as("sites wrote to the same rows").isPositive();
    assertThat(audit.lost(written)).as("writes that nothing tells of").isEmpty();
    assertThat(audit.falseConflicts())
        .as("records of writes of which one had seen the other")
        .isEmpty();
  }

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
