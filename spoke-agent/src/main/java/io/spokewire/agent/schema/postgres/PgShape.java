package io.spokewire.agent.schema.postgres;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableDescription.UniqueSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A relation's present columns, key and unique sets. Generated columns are left out, as the log
 * leaves them out.
 *
 * @param columns in the table's order
 * @param types {@code pg_attribute.atttypid} of each
 * @param modifiers {@code pg_attribute.atttypmod} of each
 * @param key indexes into {@code columns}; empty if there is no key that the log carries
 * @param uniqueSets the key aside; partial and expression indexes aside
 * @param generated the names of the columns left out
 * @param generatedKey whether there is a key, but of a generated column
 * @param beforeImages whether every row in the log has its whole old row
 */
public record PgShape(
    List<Column> columns,
    List<Long> types,
    List<Integer> modifiers,
    List<Integer> key,
    List<UniqueSet> uniqueSets,
    Set<String> generated,
    boolean generatedKey,
    boolean beforeImages) {
  public PgShape {
    columns = List.copyOf(columns);
    types = List.copyOf(types);
    modifiers = List.copyOf(modifiers);
    key = List.copyOf(key);
    uniqueSets = List.copyOf(uniqueSets);
    generated = Set.copyOf(generated);
  }

  /** Collects what pg_catalog says. */
  static final class Builder {
    private final List<Integer> numbers = new ArrayList<>();
    private final List<Column> columns = new ArrayList<>();
    private final List<Long> types = new ArrayList<>();
    private final List<Integer> modifiers = new ArrayList<>();
    private final List<Index> indexes = new ArrayList<>();
    private final Set<String> generatedNames = new HashSet<>();

    void column(int number, Column column, long type, int modifier, boolean generated) {
      if (generated) {
        generatedNames.add(column.name());
      } else {
        numbers.add(number);
        columns.add(column);
        types.add(type);
        modifiers.add(modifier);
      }
    }

    void uniqueIndex(
        String name, List<Integer> attnums, boolean primary, boolean identity, boolean plain) {
      indexes.add(new Index(name, attnums, primary, identity, plain));
    }

    /**
     * @param identity {@code pg_class.relreplident}
     * @param uneven whether partitions have another one
     */
    PgShape build(String identity, boolean uneven) {
      Index keyIndex = null;
      for (Index index : indexes) {
        // With USING INDEX the log carries that index's columns and no others.
        boolean better = identity.equals("i") ? index.identity : index.primary;
        if (better) {
          keyIndex = index;
        }
      }
      List<Integer> key = keyIndex == null ? List.of() : ordinals(keyIndex);
      boolean generatedKey = keyIndex != null && key.size() < keyIndex.attnums.size();
      List<UniqueSet> uniqueSets = new ArrayList<>();
      for (Index index : indexes) {
        List<Integer> ordinals = ordinals(index);
        if (index != keyIndex && index.plain && ordinals.size() == index.attnums.size()) {
          uniqueSets.add(
              new UniqueSet(
                  index.name, ordinals.stream().map(i -> columns.get(i).name()).toList()));
        }
      }
      return new PgShape(
          columns,
          types,
          modifiers,
          generatedKey ? List.of() : key,
          uniqueSets,
          generatedNames,
          generatedKey,
          identity.equals("f") && !uneven);
    }

    /** Where the index's columns are; shorter than the index if one is not there. */
    private List<Integer> ordinals(Index index) {
      return index.attnums.stream().map(numbers::indexOf).filter(i -> i >= 0).toList();
    }

    private record Index(
        String name, List<Integer> attnums, boolean primary, boolean identity, boolean plain) {}
  }
}
