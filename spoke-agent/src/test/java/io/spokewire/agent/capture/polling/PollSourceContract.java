package io.spokewire.agent.capture.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.TableName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What polling keeps, run against each engine. Each test has a database of its own with the table
 * {@code orders(id integer key, note text, amount numeric, updated_at)}, whose last column is a
 * point in time with microseconds.
 */
public abstract class PollSourceContract {
  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final Duration QUIET = Duration.ofMillis(600); // some looks long

  @TempDir protected Path directory;

  private final SchemaBook schemas = new SchemaBook();
  private SiteCopy copy;
  private Duration overlap = Duration.ofMinutes(10);
  private Optional<Duration> deleteDetection = Optional.empty();

  /** The test's database. */
  protected abstract TestSite site();

  protected abstract PolledDatabase database(TableScope scope);

  /** The present time with microseconds, as SQL. */
  protected abstract String now();

  /** So many minutes earlier, as SQL. */
  protected abstract String ago(int minutes);

  /** The type of a point in time, and the one of a wall's clock. */
  protected abstract List<String> types();

  private SiteCopy copy() {
    if (copy == null) {
      copy = SiteCopy.open(directory.resolve("copy.db"));
    }
    return copy;
  }

  @AfterEach
  void closeCopy() {
    if (copy != null) {
      copy.close();
      copy = null;
    }
  }

  private static String column(TableName table) {
    return table.name().equals("loose") ? "seen_at" : "updated_at";
  }

  private Looking looking(String... tables) {
    return new Looking(
        copy(),
        database(site().scope(tables)),
        PollSourceContract::column,
        new LookBounds(overlap, Optional.empty()),
        deleteDetection);
  }

  private boolean begin(String table, boolean emptyAtStart) throws Exception {
    return looking(table).begin(local(table), emptyAtStart);
  }

  private LocalName local(String table) throws Exception {
    LocalTable found = table(table);
    return new LocalName(found.schemaName(), found.tableName());
  }

  private EventReader open(SourcePosition after, String... tables) {
    SpoolDirectory spools = new SpoolDirectory(directory.resolve("spool"));
    PollCapture capture =
        new PollCapture(copy(), looking(tables), INTERVAL, spools, TimeSource.SYSTEM);
    return new EventReader(capture.open(after), schemas);
  }

  /** The next rows without their last column, which is the time; they are confirmed. */
  private static List<String> next(EventReader reader) throws Exception {
    List<String> rows = reader.nextRows().stream().map(PollSourceContract::timeless).toList();
    reader.source().confirm(reader.read().getLast().position());
    return rows;
  }

  private static String timeless(String row) {
    return row.replaceAll(", [^,()]*\\)", ")");
  }

  private static void assertQuiet(EventReader reader) throws Exception {
    long end = System.nanoTime() + QUIET.toNanos();
    while (System.nanoTime() < end) {
      assertThat(reader.source().next(Duration.ofMillis(50))).isNull();
    }
  }

  private void insert(int id, String note) throws Exception {
    commit("insert into orders values (" + id + ", '" + note + "', 1.00, " + now() + ")");
  }

  private void update(int id, String note) throws Exception {
    commit("update orders set note = '" + note + "', updated_at = " + now() + " where id = " + id);
  }

  @Test
  void givesWhatDiffersFromWhatWasThereOnceAndWithItsOldValues() throws Exception {
    insert(1, "old");
    assertThat(begin("orders", false)).isFalse();
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertQuiet(reader);
      insert(2, "new");
      assertThat(next(reader)).containsExactly("insert orders [id=2] (2, new, 1.00)");
      update(1, "changed");
      assertThat(next(reader))
          .containsExactly("update orders [id=1] (_, old, _) -> (_, changed, _)");
      assertQuiet(reader);
      commit("update orders set note = null, updated_at = " + now() + " where id = 2");
      assertThat(next(reader)).containsExactly("update orders [id=2] (_, new, _) -> (_, null, _)");
    }
  }

  @Test
  void givesAllThatCameIntoATableThatWasEmptyWhereCaptureBegan() throws Exception {
    assertThat(begin("orders", false)).isTrue();
    copy().keepOnly(name -> false);
    commit("insert into orders values (1, 'long ago', 1.00, " + ago(600) + ")");
    assertThat(begin("orders", true)).isFalse();
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertThat(next(reader)).containsExactly("insert orders [id=1] (1, long ago, 1.00)");
      assertQuiet(reader);
    }
  }

  @Test
  void catchesATransactionThatCommitsLaterThanALook() throws Exception {
    insert(1, "old");
    begin("orders", false);
    try (EventReader reader = open(SourcePosition.NONE, "orders");
        Connection slow = site().connect();
        Statement statement = slow.createStatement()) {
      slow.setAutoCommit(false);
      statement.execute("update orders set note = 'late', updated_at = " + now() + " where id = 1");
      statement.execute("insert into orders values (2, 'late', 1.00, " + ago(5) + ")");
      for (int i = 3; i < 6; i++) {
        insert(i, "quick");
        assertThat(next(reader))
            .containsExactly("insert orders [id=%d] (%d, quick, 1.00)".formatted(i, i));
      }
      slow.commit();
      assertThat(next(reader))
          .containsExactlyInAnyOrder(
              "update orders [id=1] (_, old, _) -> (_, late, _)",
              "insert orders [id=2] (2, late, 1.00)");
      assertQuiet(reader);
    }
  }

  @Test
  void givesARoundAgainToTheByteUntilItIsConfirmed() throws Exception {
    begin("orders", false);
    insert(1, "a");
    EventReader.Whole first;
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      first = reader.nextWhole();
      insert(2, "b");
      assertQuiet(reader); // no other look before the first is confirmed
    }
    commit("alter table orders add column extra integer");
    update(1, "later");
    closeCopy();
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertThat(reader.nextWhole()).isEqualTo(first);
    }
    EventReader.Whole second;
    try (EventReader reader = open(first.position(), "orders")) {
      reader.source().confirm(first.position());
      second = reader.nextWhole();
      assertThat(second.rows()).isEqualTo(2);
      assertThat(first.position().isBefore(second.position())).isTrue();
      reader.source().confirm(second.position());
      assertQuiet(reader);
    }
    try (EventReader reader = open(second.position(), "orders")) {
      assertQuiet(reader);
    }
    for (SourcePosition wrong : List.of(first.position(), PollCapture.position(99))) {
      assertThatThrownBy(() -> open(wrong, "orders"))
          .isInstanceOfSatisfying(
              Fault.class,
              fault -> {
                assertThat(fault.kind()).isEqualTo(FaultKind.NEGATIVE);
                assertThat(fault.hint()).contains("join anew");
              });
    }
  }

  @Test
  void seesDeletesOnlyWhereKeysAreRead() throws Exception {
    insert(1, "kept");
    insert(2, "deleted");
    begin("orders", false);
    commit("delete from orders where id = 2");
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertQuiet(reader);
    }
    deleteDetection = Optional.of(INTERVAL);
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertThat(next(reader)).containsExactly("delete orders [id=2] (2, deleted, 1.00)");
      assertQuiet(reader);
      commit("delete from orders where id = 1");
      insert(2, "again");
      assertThat(next(reader)).contains("insert orders [id=2] (2, again, 1.00)");
    }
  }

  @Test
  void readsRowsWithoutATimeEachTime() throws Exception {
    commit(
        "create table loose (id integer primary key, note varchar(20), seen_at "
            + types().get(0)
            + " null)",
        "insert into loose values (1, 'old', null)");
    begin("loose", false);
    try (EventReader reader = open(SourcePosition.NONE, "loose")) {
      commit("insert into loose values (2, 'new', null)");
      assertThat(next(reader)).containsExactly("insert loose [id=2] (2, new)");
      commit("update loose set note = 'changed' where id = 1");
      assertThat(next(reader)).containsExactly("update loose [id=1] (_, old) -> (_, changed)");
      assertQuiet(reader);
    }
  }

  @Test
  void isNotBlindedByARowThatIsDatedInTheFuture() throws Exception {
    begin("orders", false);
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      commit("insert into orders values (1, 'future', 1.00, " + ago(-60 * 24 * 365) + ")");
      assertThat(next(reader)).containsExactly("insert orders [id=1] (1, future, 1.00)");
      insert(2, "present");
      assertThat(next(reader)).containsExactly("insert orders [id=2] (2, present, 1.00)");
      assertQuiet(reader);
    }
  }

  @Test
  void missesWhatCommitsLaterThanTheOverlapAndDoesNotStumbleOverIt() throws Exception {
    overlap = Duration.ofSeconds(1);
    begin("orders", false);
    insert(1, "first");
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertThat(next(reader)).hasSize(1);
      commit("insert into orders values (2, 'too late', 1.00, " + ago(5) + ")");
      assertQuiet(reader);
      update(2, "seen");
      assertThat(next(reader)).containsExactly("insert orders [id=2] (2, seen, 1.00)");
    }
  }

  @Test
  void takesATableThatIsAlteredAsItIsThen() throws Exception {
    commit("insert into orders values (1, 'a', 1.00, " + ago(60) + ")");
    begin("orders", false);
    commit(
        "alter table orders add column extra integer default 3",
        "alter table orders drop column amount");
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertQuiet(reader); // what the default filled in was not written by anybody
      update(1, "b");
      assertThat(reader.nextRows().getFirst())
          .matches("update orders \\[id=1] \\(_, a, [^,]*, null\\) -> \\(_, b, [^,]*, 3\\)");
      assertThat(
              reader.read().stream()
                  .filter(Captured.Shape.class::isInstance)
                  .map(e -> ((Captured.Shape) e).schema().columns().getLast().name()))
          .containsExactly("extra");
    }
  }

  @Test
  void stopsWhereATableHasAnotherKeyThanItsCopy() throws Exception {
    insert(1, "a");
    begin("orders", false);
    changeKey();
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertThatThrownBy(reader::next)
          .isInstanceOfSatisfying(
              Fault.class, fault -> assertThat(fault.kind()).isEqualTo(FaultKind.NEGATIVE))
          .hasMessageContaining("its primary key was [id] and is [id, amount]");
    }
  }

  /** Makes id and amount the key of orders. */
  protected abstract void changeKey() throws Exception;

  /** Runs the statements in one transaction and commits. */
  protected void commit(String... sql) throws Exception {
    site().transaction(true, sql);
  }

  private LocalTable table(String name) throws Exception {
    return site().catalogue(site().scope(name)).tables().getFirst();
  }

  @Test
  void readsAWallsClockWhicheverZoneItIsIn() throws Exception {
    commit(
        "create table walls (id integer primary key, note varchar(20), updated_at "
            + types().get(1)
            + " not null)",
        "insert into walls values (1, 'old', " + ago(60 * 24) + ")");
    begin("walls", false);
    try (EventReader reader = open(SourcePosition.NONE, "walls")) {
      commit("update walls set note = 'in Niue', updated_at = " + ago(60 * 11));
      assertThat(next(reader)).containsExactly("update walls [id=1] (_, old) -> (_, in Niue)");
    }
  }

  @Test
  void givesABarrierAfterWhatWasCommittedBeforeIt() throws Exception {
    begin("orders", false);
    BarrierId barrier = new BarrierId(UUID.randomUUID());
    insert(1, "before");
    copy().mark(barrier);
    SourcePosition at;
    try (EventReader reader = open(SourcePosition.NONE, "orders")) {
      assertThat(next(reader)).containsExactly("insert orders [id=1] (1, before, 1.00)");
      Captured event = reader.next();
      assertThat(event).isInstanceOf(Captured.Barrier.class);
      assertThat(((Captured.Barrier) event).barrier()).isEqualTo(barrier);
      at = event.position();
    }
    try (EventReader reader = open(at, "orders")) {
      reader.source().confirm(at);
      assertQuiet(reader);
      insert(2, "after");
      assertThat(next(reader)).containsExactly("insert orders [id=2] (2, after, 1.00)");
    }
  }

  @Test
  void refusesTablesWithoutSuchAColumnOrWithoutAKey() throws Exception {
    commit(
        "create table bare (id integer primary key)",
        "create table dated (id integer primary key, updated_at date)",
        "create table keyless (id integer, updated_at " + types().get(0) + ")");
    assertThat(obstacle("orders")).isEmpty();
    assertThat(obstacle("bare"))
        .hasValueSatisfying(o -> assertThat(o.reason()).contains("has no column updated_at"));
    assertThat(obstacle("dated"))
        .hasValueSatisfying(o -> assertThat(o.reason()).contains("column updated_at: it is date"));
    assertThat(obstacle("keyless"))
        .hasValueSatisfying(o -> assertThat(o.reason()).contains("no primary key"));
  }

  private Optional<GrowingColumn.Obstacle> obstacle(String table) throws Exception {
    return GrowingColumn.obstacle(table(table).schema(), "updated_at");
  }
}
