package io.spokewire.common.type;

import io.spokewire.common.change.LogicalType;
import io.spokewire.testing.EdgeValues;
import java.util.ArrayList;
import java.util.List;

/** Pairs of types of different engines between which values go both ways. */
public final class TypePairs {
  private TypePairs() {}

  /**
   * A column of one type here and the other there.
   *
   * @param there what becomes of PostgreSQL's values at the other
   * @param back what becomes of the other's values at PostgreSQL
   */
  public record Pair(
      EdgeValues.Type postgres, EdgeValues.Type other, Verdict there, Verdict back) {}

  /** All that the rules accept in both directions, of those that have edge values. */
  public static List<Pair> of(DatabaseEngine other) {
    List<Pair> pairs = new ArrayList<>();
    for (EdgeValues.Type postgres : EdgeValues.POSTGRES) {
      for (EdgeValues.Type type : typesOf(other)) {
        ColumnType here = column(DatabaseEngine.POSTGRESQL, postgres.name());
        ColumnType there = column(other, type.name());
        Verdict goes = Passage.of(here, there);
        Verdict back = Passage.of(there, here);
        if (goes.isAccepted() && back.isAccepted()) {
          pairs.add(new Pair(postgres, type, goes, back));
        }
      }
    }
    return pairs;
  }

  /** Whether columns of a type that both engines have are the same to both. */
  public static boolean isExact(DatabaseEngine one, DatabaseEngine other, String type) {
    ColumnType here = column(one, type);
    ColumnType there = column(other, type);
    return Passage.of(here, there) instanceof Verdict.Exact
        && Passage.of(there, here) instanceof Verdict.Exact;
  }

  private static List<EdgeValues.Type> typesOf(DatabaseEngine engine) {
    List<EdgeValues.Type> types = new ArrayList<>(EdgeValues.MYSQL);
    if (engine == DatabaseEngine.MARIADB) {
      types.addAll(EdgeValues.MARIADB);
    }
    return types;
  }

  private static ColumnType column(DatabaseEngine engine, String type) {
    return ColumnType.of(NativeType.parse(engine, type), LogicalType.NATIVE);
  }
}
