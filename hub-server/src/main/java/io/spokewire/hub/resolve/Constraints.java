package io.spokewire.hub.resolve;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.UniqueSet;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What rows of one table must obey that no row can obey alone. Immutable.
 *
 * @param uniqueSets columns whose values no two rows may share, the key aside
 * @param references to rows of other tables (or of its own)
 */
public record Constraints(List<List<String>> uniqueSets, List<Reference> references) {
  static final Constraints NONE = new Constraints(List.of(), List.of());

  public Constraints {
    uniqueSets = List.copyOf(uniqueSets);
    references = List.copyOf(references);
  }

  /**
   * @param columns in the order of the columns of {@code parent}'s key that they hold
   */
  public record Reference(List<String> columns, TableName parent) {
    public Reference {
      columns = List.copyOf(columns);
    }
  }

  /**
   * What the spokes say of their tables, put together: what one of them demands, a row must obey
   * everywhere. References to anything but a table's key are left to the databases.
   */
  public static Map<TableName, Constraints> of(Collection<TableDescription> described) {
    Map<TableName, TableSchema> parents = new HashMap<>();
    described.forEach(table -> parents.put(table.table(), table.schema()));
    Map<TableName, Set<List<String>>> unique = new HashMap<>();
    Map<TableName, Set<Reference>> references = new HashMap<>();
    for (TableDescription table : described) {
      for (UniqueSet set : table.uniqueSets()) {
        unique.computeIfAbsent(table.table(), t -> new LinkedHashSet<>()).add(set.columns());
      }
      for (ForeignKey key : table.foreignKeys()) {
        toKey(key, parents)
            .ifPresent(
                reference ->
                    references
                        .computeIfAbsent(table.table(), t -> new LinkedHashSet<>())
                        .add(reference));
      }
    }
    Map<TableName, Constraints> all = new HashMap<>();
    for (TableName table : parents.keySet()) {
      Constraints constraints =
          new Constraints(
              List.copyOf(unique.getOrDefault(table, Set.of())),
              List.copyOf(references.getOrDefault(table, Set.of())));
      if (!constraints.equals(NONE)) {
        all.put(table, constraints);
      }
    }
    return Map.copyOf(all);
  }

  private static Optional<Reference> toKey(ForeignKey key, Map<TableName, TableSchema> parents) {
    TableSchema parent = parents.get(key.referenced());
    if (parent == null || parent.key().size() != key.columns().size()) {
      return Optional.empty();
    }
    List<String> columns = new ArrayList<>();
    for (int ordinal : parent.key()) {
      int at = key.referencedColumns().indexOf(parent.columns().get(ordinal).name());
      if (at < 0) {
        return Optional.empty();
      }
      columns.add(key.columns().get(at));
    }
    return Optional.of(new Reference(columns, key.referenced()));
  }
}
