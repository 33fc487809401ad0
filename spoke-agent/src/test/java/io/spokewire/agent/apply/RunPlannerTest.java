package io.spokewire.agent.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunPlannerTest {
  private final Rows orders =
      Rows.of("orders", 1, "id:INTEGER:bigint", "a:TEXT:text", "n:INTEGER:bigint");
  private final Rows lines = Rows.of("lines", 1, "id:INTEGER:bigint", "b:TEXT:text");
  private final SchemaBook book = new SchemaBook();

  RunPlannerTest() {
    book.add(orders.schema());
    book.add(lines.schema());
  }

  @Test
  void interleavedSingleRowTrafficBecomesOneRunForEachKindOfChange() {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      changes.add(orders.insert(i, "x", 1));
      changes.add(lines.insert(i, "y"));
      changes.add(orders.update(1_000 + i, "z", Rows.SAME));
      changes.add(lines.delete(2_000 + i));
    }

    List<Run> runs = plan(RunPlanner.Mode.REORDERED, changes);

    assertThat(runs).hasSize(4);
    assertThat(runs).allSatisfy(run -> assertThat(run.rows()).hasSize(100));
  }

  @Test
  void changesOfOrderedTablesKeepTheirOrderWhileOthersArePutTogether() {
    RunPlanner planner =
        new RunPlanner(
            RunPlanner.Mode.REORDERED, book, table -> false, table -> table.name().equals("lines"));
    for (int i = 0; i < 10; i++) {
      planner.add(orders.insert(i, "x", 1), i);
      planner.add(lines.insert(i, "y"), i);
      planner.add(lines.update(i, "z"), i);
    }

    List<Run> runs = planner.finish();

    assertThat(runs).filteredOn(run -> run.table().name().equals("orders")).hasSize(1);
    assertThat(runs)
        .filteredOn(run -> run.table().name().equals("lines"))
        .extracting(Run::operation)
        .hasSize(20)
        .startsWith(Run.Operation.UPSERT, Run.Operation.UPDATE, Run.Operation.UPSERT);
  }

  @Test
  void guardedUpdatesOfOneRowAreOneWhereEachReplacesWhatTheOneBeforeWrote() {
    RunPlanner planner =
        new RunPlanner(RunPlanner.Mode.REORDERED, book, table -> table.name().equals("orders"));
    planner.add(orders.updateOver(List.of(Rows.SAME, "a", Rows.SAME), 1, "b", Rows.SAME), 1);
    planner.add(orders.updateOver(List.of(Rows.SAME, "b", "7"), 1, "c", "8"), 2);
    planner.add(orders.updateOver(List.of(Rows.SAME, "other", "8"), 1, "d", "9"), 3);

    List<Run> runs = planner.finish();

    assertThat(runs).hasSize(2);
    RowChange.Update net = (RowChange.Update) runs.getFirst().rows().getFirst().change();
    assertThat(net).isEqualTo(orders.updateOver(List.of(Rows.SAME, "a", "7"), 1, "c", "8"));
    assertThat(runs.getFirst().rows().getFirst().first()).isEqualTo(1);
    assertThat(runs.getFirst().rows().getFirst().last()).isEqualTo(2);
  }

  @Test
  void strictModeKeepsTheOrderOfEverything() {
    List<Run> runs =
        plan(
            RunPlanner.Mode.STRICT,
            List.of(
                orders.insert(1, "x", 1),
                orders.insert(2, "x", 1),
                lines.insert(1, "y"),
                orders.insert(3, "x", 1),
                orders.insert(3, "x", 2)));

    assertThat(runs.stream().map(run -> run.table().name() + run.rows().size()))
        .containsExactly("orders2", "lines1", "orders1", "orders1");
  }

  @Test
  void changesOfOneKeyCollapseToTheirNetEffect() {
    List<Run> runs =
        plan(
            RunPlanner.Mode.REORDERED,
            List.of(
                orders.insert(1, "x", 1),
                orders.update(1, "y", Rows.SAME),
                orders.update(2, "p", Rows.SAME),
                orders.update(2, Rows.SAME, 7),
                orders.insert(3, "x", 1),
                orders.delete(3)));

    assertThat(runs.stream().mapToInt(run -> run.rows().size()).sum()).isEqualTo(3);
  }

  @Test
  void aHotCounterIsOneUpdate() {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      changes.add(orders.update(1, Rows.SAME, new Rows.Plus("2")));
    }

    List<Run> runs = plan(RunPlanner.Mode.REORDERED, changes);

    assertThat(runs).hasSize(1);
    assertThat(runs.getFirst().rows()).hasSize(1);
    assertThat(runs.getFirst().rows().getFirst().first()).isEqualTo(1);
    assertThat(runs.getFirst().rows().getFirst().last()).isEqualTo(1_000);
  }

  @Test
  void noKeyStandsTwiceInARunUnlessItsOrderIsKept() {
    for (long seed = 0; seed < 200; seed++) {
      for (RunPlanner.Mode mode : RunPlanner.Mode.values()) {
        for (Run run : plan(mode, randomChanges(new Random(seed)))) {
          if (run.operation() == Run.Operation.KEY_CHANGE) {
            continue;
          }
          Set<Bytes> keys = new HashSet<>();
          for (PlannedRow row : run.rows()) {
            assertThat(keys.add(keyOf(row.change()))).as("seed " + seed).isTrue();
          }
        }
      }
    }
  }

  @Test
  void theRunsLeaveTheRowsThatTheChangesOneByOneWouldLeave() {
    for (long seed = 0; seed < 3_000; seed++) {
      List<RowChange> changes = randomChanges(new Random(seed));
      Model oneByOne = new Model();
      changes.forEach(oneByOne::apply);
      for (RunPlanner.Mode mode : RunPlanner.Mode.values()) {
        Model planned = new Model();
        for (Run run : plan(mode, changes)) {
          run.rows().forEach(row -> planned.apply(row.change()));
        }
        assertThat(planned.rows).as("seed %d, %s", seed, mode).isEqualTo(oneByOne.rows);
      }
    }
  }

  private List<Run> plan(RunPlanner.Mode mode, List<RowChange> changes) {
    RunPlanner planner = new RunPlanner(mode, book);
    long position = 0;
    for (RowChange change : changes) {
      planner.add(change, ++position);
    }
    List<Run> runs = planner.finish();
    assertThat(planner.rows()).isZero();
    return runs;
  }

  /** Few keys, so that they meet often; starts with rows, so that updates find some. */
  private List<RowChange> randomChanges(Random random) {
    List<RowChange> changes = new ArrayList<>();
    for (int key = 0; key < 4; key++) {
      changes.add(orders.insert(key, "start", key));
    }
    int count = random.nextInt(40);
    for (int i = 0; i < count; i++) {
      int key = random.nextInt(5);
      String text = "v" + i;
      changes.add(
          switch (random.nextInt(9)) {
            case 0 -> orders.insert(key, text, random.nextInt(9));
            case 1 -> orders.update(key, text, Rows.SAME);
            case 2 -> orders.update(key, Rows.SAME, random.nextInt(9));
            case 3 -> orders.update(key, Rows.SAME, new Rows.Plus("" + random.nextInt(-5, 5)));
            case 4 -> orders.update(key, text, new Rows.Plus("3"));
            case 5 -> orders.delete(key);
            case 6 -> orders.keyChange(key, random.nextInt(5), text, 1);
            case 7 -> lines.insert(key, text);
            default -> lines.delete(key);
          });
    }
    return changes;
  }

  private static Bytes keyOf(RowChange change) {
    return switch (change) {
      case RowChange.Insert c -> c.key().bytes();
      case RowChange.Update c -> c.key().bytes();
      case RowChange.Delete c -> c.key().bytes();
      case RowChange.KeyChange c -> c.oldKey().bytes();
      case RowChange.Truncate c -> Bytes.EMPTY;
    };
  }

  /** The database as a map: upserts, updates of what is there, deletes, key changes. */
  private static final class Model {
    private final Map<Object, List<String>> rows = new HashMap<>();

    void apply(RowChange change) {
      switch (change) {
        case RowChange.Insert c -> rows.put(place(c, c.key()), merged(null, c.after()));
        case RowChange.Update c ->
            rows.computeIfPresent(place(c, c.key()), (key, old) -> merged(old, c.after()));
        case RowChange.Delete c -> rows.remove(place(c, c.key()));
        case RowChange.KeyChange c -> {
          rows.remove(place(c, c.oldKey()));
          rows.put(place(c, c.newKey()), merged(null, c.after()));
        }
        case RowChange.Truncate c -> {}
      }
    }

    private static Object place(RowChange change, RowKey key) {
      return List.of(change.schema(), key);
    }

    private static List<String> merged(List<String> old, Tuple after) {
      List<String> row = new ArrayList<>();
      TupleReader reader = after.reader();
      while (reader.next()) {
        int i = reader.ordinal();
        row.add(
            reader.tag() == FieldTag.UNCHANGED
                ? (old == null ? "?" : old.get(i))
                : reader.tag() == FieldTag.DELTA
                    ? new BigDecimal(old.get(i)).add(number(reader.value())).toString()
                    : reader.value().toUtf8());
      }
      return row;
    }

    private static BigDecimal number(Bytes value) {
      return new BigDecimal(value.toUtf8());
    }
  }
}
