package io.spokewire.agent.schema;

import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The tables of this site that the plan names, as they are at one moment, and what is wrong with
 * them. Immutable; a change of the schema or of the plan makes another one.
 */
public final class TableCatalogue {
  private final Map<TableName, LocalTable> byName = new TreeMap<>();
  private final Map<Long, LocalTable> byRelation = new TreeMap<>();
  private final List<TableProblem> problems;

  /**
   * @param entries the tables that flow
   * @param problems what was found, worst first
   */
  public TableCatalogue(List<Entry> entries, List<TableProblem> problems) {
    for (Entry entry : entries) {
      if (byName.put(entry.table().table(), entry.table()) != null) {
        throw new IllegalArgumentException(entry.table().table() + " twice");
      }
      byRelation.put(entry.relationId(), entry.table());
    }
    List<TableProblem> sorted = new ArrayList<>(problems);
    sorted.sort((a, b) -> a.severity().compareTo(b.severity()));
    this.problems = List.copyOf(sorted);
  }

  /** The tables that flow, by topology-wide name. */
  public List<LocalTable> tables() {
    return List.copyOf(byName.values());
  }

  public Optional<LocalTable> find(TableName name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The table with the engine's own number for it ({@code pg_class.oid}). */
  public Optional<LocalTable> findRelation(long relationId) {
    return Optional.ofNullable(byRelation.get(relationId));
  }

  /** What is wrong or worth knowing, worst first. */
  public List<TableProblem> problems() {
    return problems;
  }

  /**
   * One table that flows.
   *
   * @param relationId the engine's own number for it
   */
  public record Entry(long relationId, LocalTable table) {}
}
