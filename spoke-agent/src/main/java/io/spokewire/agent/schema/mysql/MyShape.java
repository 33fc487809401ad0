package io.spokewire.agent.schema.mysql;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableDescription.UniqueSet;
import java.util.ArrayList;
import java.util.List;

/**
 * A table's present columns, key and unique sets. Generated columns are among {@code all} and
 * nowhere else.
 *
 * @param all every column, in the table's order, as the log has them
 * @param key indexes into {@link #columns()}; empty if there is none
 * @param uniqueSets the key aside; those over expressions or parts of columns aside
 * @param keyProblem why the primary key can't serve, or empty
 */
public record MyShape(
    List<MyColumn> all, List<Integer> key, List<UniqueSet> uniqueSets, String keyProblem) {
  public MyShape {
    all = List.copyOf(all);
    key = List.copyOf(key);
    uniqueSets = List.copyOf(uniqueSets);
  }

  /** The columns that travel, in the table's order. */
  public List<Column> columns() {
    return all.stream().filter(c -> !c.generated()).map(MyColumn::column).toList();
  }

  /**
   * One column.
   *
   * @param column as it travels
   * @param characterSet of texts, enums and sets; empty for others
   * @param generated whether the server computes it
   */
  public record MyColumn(Column column, String characterSet, boolean generated) {}

  /** Collects what information_schema says. */
  static final class Builder {
    private final List<MyColumn> all = new ArrayList<>();
    private final List<Index> indexes = new ArrayList<>();

    void column(MyColumn column) {
      all.add(column);
    }

    /**
     * @param column empty for an expression
     * @param whole whether the whole column counts, not its beginning
     */
    void indexPart(String index, String column, boolean whole) {
      if (indexes.isEmpty() || !indexes.getLast().name.equals(index)) {
        indexes.add(new Index(index));
      }
      Index last = indexes.getLast();
      last.columns.add(column);
      last.plain &= whole && !column.isEmpty();
    }

    MyShape build() {
      List<String> names = new ArrayList<>();
      all.stream().filter(c -> !c.generated()).forEach(c -> names.add(c.column().name()));
      List<Integer> key = List.of();
      String problem = "";
      List<UniqueSet> uniqueSets = new ArrayList<>();
      for (Index index : indexes) {
        List<Integer> ordinals = index.columns.stream().map(names::indexOf).toList();
        boolean usable = index.plain && !ordinals.contains(-1);
        if (!index.name.equals("PRIMARY")) {
          if (usable) {
            uniqueSets.add(new UniqueSet(index.name, index.columns));
          }
        } else if (usable) {
          key = ordinals;
        } else {
          problem =
              index.plain
                  ? "its key has a generated column, which does not travel"
                  : "its key counts only the beginning of a column";
        }
      }
      return new MyShape(all, key, uniqueSets, problem);
    }

    private static final class Index {
      final String name;
      final List<String> columns = new ArrayList<>();
      boolean plain = true;

      Index(String name) {
        this.name = name;
      }
    }
  }
}
