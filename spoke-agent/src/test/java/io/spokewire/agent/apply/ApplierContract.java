package io.spokewire.agent.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.TableApplier;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every applier must do, whatever the database. One subclass per engine and version. */
public abstract class ApplierContract {
  protected static final UUID INSTANCE = new UUID(7, 7);
  protected static final Position ZERO =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);

  protected final SchemaBook book = new SchemaBook();
  protected final List<AppliedMarker> markers = new ArrayList<>();
  protected final Rows orders =
      Rows.of("orders", 1, "id:INTEGER:bigint", "status:TEXT:text", "total:DECIMAL:numeric(12,2)");
  protected final Rows items =
      Rows.of("items", 2, "order_id:INTEGER:bigint", "line:INTEGER:integer", "sku:TEXT:text");
  protected volatile PendingDeletes.Verdict verdict = PendingDeletes.Verdict.UNEXPLAINED;
  protected volatile boolean guarded;
  protected volatile Optional<Sequence> captured = Optional.empty();
  protected final List<String> drifted = new ArrayList<>();
  protected Applier applier;
  protected long position;

  private volatile boolean loseNextCommit;

  /** The fixture's database, with tables {@code orders} and {@code items}. */
  protected abstract TargetDatabase database(ConnectionSource connections);

  /** Opens a connection as the agent. */
  protected abstract Connection connect(Properties properties) throws SQLException;

  /** Opens a connection as a user of the site. */
  protected abstract Connection user() throws SQLException;

  /** The engine's schema, or database, of the tables. */
  protected abstract String schemaName();

  /** Makes both tables anew, empty: orders(id, status, total), items(order_id, line, sku). */
  protected abstract void createTables() throws Exception;

  /**
   * Makes {@code gen}: id, which the database counts if it is not given; a; twice, which is
   * computed; extra, which is 'here' if it is not given.
   */
  protected abstract void createGenerated() throws Exception;

  /** Cuts the applier's connection from outside. */
  protected abstract void cutConnections() throws Exception;

  /** Whether any session waits for a row's lock. */
  protected abstract boolean isSomebodyWaiting() throws Exception;

  /** Makes the statement's transaction the one that goes on if it meets apply in a deadlock. */
  protected abstract void outliveADeadlock(Statement statement) throws SQLException;

  protected Applier open() {
    return open(INSTANCE, new SpokeId("lisbon"));
  }

  private Applier open(UUID instance, SpokeId spoke) {
    ApplySettings settings = ApplySettings.DEFAULTS.withRetryEvery(Duration.ZERO, Duration.ZERO);
    return new TableApplier(
        new ApplySite(
            spoke,
            instance,
            this::local,
            book,
            Optional.of(
                marker -> {
                  markers.add(marker);
                  return Bytes.utf8("sealed " + marker);
                }),
            table -> guarded,
            marker -> captured),
        database(this::losing),
        (table, key, acknowledged, seenMissingAt) -> verdict,
        new ApplyEvents() {
          @Override
          public void drifted(TableName table, String field) {
            drifted.add(table + "." + field);
          }
        },
        settings,
        new Backoff(settings, new Random(1), Backoff.Pause.SLEEP),
        TimeSource.SYSTEM);
  }

  private Optional<LocalTable> local(TableName table) {
    return book.all().stream()
        .filter(schema -> schema.table().equals(table))
        .findFirst()
        .map(
            schema ->
                new LocalTable(
                    schemaName(),
                    table.name(),
                    new TableDescription(schema, List.of(), List.of(), true, false)));
  }

  /** A connection that, once asked to, loses the answer to a commit that happened. */
  private Connection losing(Properties properties) throws SQLException {
    Connection real = connect(properties);
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(real, arguments);
                if (method.getName().equals("commit") && loseNextCommit) {
                  loseNextCommit = false;
                  real.close();
                  throw new SQLException("the answer was lost", "08006");
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Runs statements as a user of the site. */
  protected final void execute(String sql) throws Exception {
    try (Connection connection = user();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The result as text: columns joined by a bar, in the query's order. */
  protected final List<String> query(String sql) throws Exception {
    try (Connection connection = user();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (row.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          cells.add(String.valueOf(row.getString(i)));
        }
        rows.add(String.join("|", cells));
      }
      return rows;
    }
  }

  @BeforeEach
  void openApplier() throws Exception {
    createTables();
    book.add(orders.schema());
    book.add(items.schema());
    applier = open();
  }

  @AfterEach
  void closeApplier() {
    applier.close();
  }

  @Test
  void rowsAndCheckpointAreThereTogether() throws Exception {
    assertThat(applier.checkpoint()).isEmpty();

    Applier.ApplyResult result = apply(orders.insert(1, "new", "10.50"), items.insert(1, 1, "a"));
    assertThat(query("SELECT error FROM spokewire.parked")).isEmpty();

    assertThat(result.rows()).isEqualTo(2);
    assertThat(result.parked()).isZero();
    assertThat(query("SELECT * FROM orders")).containsExactly("1|new|10.50");
    assertThat(query("SELECT * FROM items")).containsExactly("1|1|a");
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
    applier.close();
    applier = open();
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
  }

  @Test
  void aBatchWithoutRowsMovesTheCheckpointUnderAMarker() {
    applier.apply(new ApplyBatch(ZERO.at(1), ZERO.at(7), List.of(), Sequence.NONE));

    assertThat(applier.checkpoint()).contains(ZERO.at(7));
    assertThat(markers).containsExactly(new AppliedMarker(ZERO.at(1), ZERO.at(7), List.of()));
  }

  @Test
  void aBatchThatLeavesAGapIsRefused() {
    apply(orders.insert(1, "new", "1"));
    position = 5;

    assertThatThrownBy(() -> apply(orders.insert(2, "new", "1"))).isInstanceOf(Fault.class);
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
  }

  @Test
  void everyKindOfChangeReachesItsRow() throws Exception {
    apply(
        orders.insert(1, "new", "10.50"),
        orders.insert(2, null, null),
        orders.insert(3, "c", "1"),
        items.insert(1, 1, "a"),
        items.insert(1, 2, "b"));
    apply(
        orders.update(1, "paid", Rows.SAME),
        orders.update(3, Rows.SAME, new Rows.Plus("2.25")),
        orders.delete(2),
        orders.keyChange(1, 10, "paid", "10.50"),
        items.delete(1, 2),
        items.update(1, 1, null));

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("3|c|3.25", "10|paid|10.50");
    assertThat(query("SELECT * FROM items")).containsExactly("1|1|null");
  }

  @Test
  void anInsertOfAPresentRowOverwritesIt() throws Exception {
    execute("INSERT INTO orders VALUES (1, 'local', 5)");

    apply(orders.insert(1, "hub", null));

    assertThat(query("SELECT * FROM orders")).containsExactly("1|hub|null");
  }

  @Test
  void aDeleteOfAMissingRowIsNothing() {
    assertThat(apply(orders.delete(1)).parked()).isZero();
  }

  @Test
  void manyTransactionsAndManyRowsGoInOneBatch() throws Exception {
    List<ApplyBatch.Entry> entries = new ArrayList<>();
    for (int i = 1; i <= 5_000; i++) {
      entries.add(entry(i, orders.insert(i, "s" + i, i), items.insert(i, 1, "x")));
    }
    for (int i = 1; i <= 5_000; i++) {
      entries.add(entry(5_000 + i, orders.update(i, "t", Rows.SAME), items.delete(i, 1)));
    }
    applier.apply(new ApplyBatch(ZERO.at(1), ZERO.at(10_000), entries, Sequence.NONE));

    assertThat(query("SELECT count(*), sum(total) FROM orders WHERE status = 't'"))
        .containsExactly("5000|12502500.00");
    assertThat(query("SELECT count(*) FROM items")).containsExactly("0");
  }

  @Test
  void aRefusedRowIsParkedAndTheOthersGoOn() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      changes.add(orders.insert(i, "s", i == 1_234 ? "5000" : "1"));
    }

    Applier.ApplyResult result = apply(changes.toArray(RowChange[]::new));

    assertThat(result.parked()).isEqualTo(1);
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("2999");
    assertThat(markers.getLast().unseen())
        .containsExactly(new Context.Unseen(orders.schema().table(), orders.key(1_234).bytes(), 0));
  }

  @Test
  void laterChangesOfAParkedRowWaitBehindItAndFollowOnceItIsMended() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    apply(orders.insert(1, "s", "1"), orders.insert(2, "s", "1"));
    apply(orders.update(1, Rows.SAME, "5000"));
    assertThat(
            apply(orders.update(1, "later", Rows.SAME), orders.update(2, "b", Rows.SAME)).parked())
        .isEqualTo(2);
    assertThat(query("SELECT * FROM orders ORDER BY id")).containsExactly("1|s|1.00", "2|b|1.00");

    execute("ALTER TABLE orders DROP CONSTRAINT small");
    assertThat(retry()).isZero();

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|later|5000.00", "2|b|1.00");
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(markers.getLast().first()).isEqualTo(ZERO.at(3));
    assertThat(markers.getLast().last()).isEqualTo(ZERO.at(3));
  }

  @Test
  void parkedRowsOutliveTheApplier() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    apply(orders.insert(1, "s", "5000"));
    applier.close();
    applier = open();

    assertThat(apply(orders.insert(2, "s", "1")).parked()).isEqualTo(1);
    assertThat(markers.getLast().unseen()).hasSize(1);
    assertThat(query("SELECT id FROM orders")).containsExactly("2");
  }

  @Test
  void aCompleteRowTakesThePlaceOfWhatWaits() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");
    apply(orders.insert(1, "s", "1"));
    apply(orders.update(1, Rows.SAME, "5000"));

    assertThat(apply(orders.insert(1, "whole", "2")).parked()).isZero();

    assertThat(query("SELECT * FROM orders")).containsExactly("1|whole|2.00");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aMissingRowIsDriftWhenNoDeleteExplainsIt() throws Exception {
    Applier.ApplyResult result =
        apply(orders.update(1, "x", Rows.SAME), orders.insert(2, "s", "1"));

    assertThat(result.parked()).isEqualTo(1);
    assertThat(query("SELECT id FROM orders")).containsExactly("2");
    assertThat(query("SELECT reason FROM spokewire.parked")).containsExactly("drift");
  }

  @Test
  void whatTheHubWritesToARowThatIsGoneIsNothing() {
    position++;
    ApplyBatch.Entry mended =
        new ApplyBatch.Entry(
            ZERO.at(position),
            SpokeId.HUB,
            new Sequence(1),
            Rows.chunks(orders.update(1, "x", Rows.SAME)));

    assertThat(
            applier
                .apply(
                    new ApplyBatch(
                        ZERO.at(position), ZERO.at(position), List.of(mended), Sequence.NONE))
                .parked())
        .isZero();
  }

  @Test
  void aRefusedChangeGoesThroughWithTheOneThatMendsIt() throws Exception {
    execute("ALTER TABLE orders ADD CONSTRAINT one_of_each UNIQUE (status)");
    apply(orders.insert(1, "taken", "1"), orders.insert(2, "free", "1"));
    assertThat(apply(orders.update(2, "taken", Rows.SAME)).parked()).isEqualTo(1);
    assertThat(apply(orders.update(2, "mended", Rows.SAME)).parked()).isEqualTo(2);

    assertThat(retry()).isZero();
    assertThat(query("SELECT id, status FROM orders ORDER BY id"))
        .containsExactly("1|taken", "2|mended");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aMissingRowThatALocalDeleteExplainsIsLeftToTheHub() {
    verdict = PendingDeletes.Verdict.EXPLAINED;

    assertThat(apply(orders.update(1, "x", Rows.SAME)).parked()).isZero();
  }

  @Test
  void aMissingRowIsASuspectUntilCaptureCanTell() throws Exception {
    verdict = PendingDeletes.Verdict.UNDECIDED;
    assertThat(apply(orders.update(1, "x", Rows.SAME)).parked()).isEqualTo(1);
    assertThat(query("SELECT reason FROM spokewire.parked")).containsExactly("suspect");
    assertThat(applier.oldestSuspect()).contains(Sequence.NONE);
    assertThat(retry()).isEqualTo(1);

    verdict = PendingDeletes.Verdict.EXPLAINED;
    assertThat(retry()).isZero();
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(applier.oldestSuspect()).isEmpty();
  }

  @Test
  void aRowThatTheSiteInsertedAgainGetsTheChangeThatWaited() throws Exception {
    verdict = PendingDeletes.Verdict.UNDECIDED;
    assertThat(apply(orders.update(1, "x", Rows.SAME)).parked()).isEqualTo(1);
    execute("INSERT INTO orders VALUES (1, 'again', 5)");

    verdict = PendingDeletes.Verdict.EXPLAINED;
    assertThat(retry()).isZero();
    assertThat(query("SELECT status FROM orders")).containsExactly("x");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void rowsOfATableThatLacksAColumnWaitForIt() throws Exception {
    Rows wider =
        Rows.of(
            "orders",
            1,
            "id:INTEGER:bigint",
            "status:TEXT:text",
            "total:DECIMAL:numeric(12,2)",
            "note:TEXT:text");
    book.add(wider.schema());

    assertThat(apply(wider.insert(1, "s", "1", "n"), items.insert(1, 1, "a")).parked())
        .isEqualTo(1);
    assertThat(query("SELECT count(*) FROM items")).containsExactly("1");
    assertThat(markers.getLast().unseen().getFirst().key()).isNull();

    execute("ALTER TABLE orders ADD COLUMN note text");
    assertThat(retry()).isZero();
    assertThat(query("SELECT * FROM orders")).containsExactly("1|s|1.00|n");
  }

  @Test
  void aTruncateLeavesTheRowsThatItNames() throws Exception {
    apply(orders.insert(1, "s", "1"), orders.insert(2, "s", "1"), orders.insert(3, "s", "1"));
    apply(
        orders.insert(4, "s", "1"),
        orders.truncate(orders.key(3), orders.key(9)),
        orders.insert(5, "s", "1"));

    assertThat(query("SELECT id FROM orders ORDER BY id")).containsExactly("3", "5");
    apply(orders.truncate());
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("0");
    assertThat(applier.checkpoint()).contains(ZERO.at(3));
  }

  @Test
  void aTruncateEndsWhatWaitsForTheRowsThatGo() throws Exception {
    assertThat(apply(orders.update(1, "lost", Rows.SAME), orders.update(2, "kept", "1")).parked())
        .isEqualTo(2);

    assertThat(apply(orders.truncate(orders.key(2))).parked()).isEqualTo(1);
    assertThat(markers.getLast().unseen())
        .extracting(Context.Unseen::key)
        .containsExactly(orders.key(2).bytes());
  }

  @Test
  void aCutConnectionHealsAndLeavesTheOldCheckpoint() throws Exception {
    apply(orders.insert(1, "s", "1"));
    cutConnections();

    assertThatThrownBy(() -> apply(orders.insert(2, "s", "1")))
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());

    position = applier.checkpoint().orElseThrow().number();
    assertThat(position).isEqualTo(1);
    apply(orders.insert(2, "s", "1"));
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("2");
  }

  @Test
  void aFieldThatTheSiteHasWrittenStaysUntilTheHubAnswersThatWrite() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");

    apply(orders.updateOver(List.of(Rows.SAME, "new", "10"), 1, "theirs", "20"));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|mine|20.00");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, "status", 1));
    assertThat(applier.kept()).isEqualTo(1);

    answer(1, orders.updateOver(List.of(Rows.SAME, "mine", Rows.SAME), 1, "both", Rows.SAME));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|both|20.00");
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(query("SELECT * FROM spokewire.exception")).isEmpty();
  }

  @Test
  void anAnswerToAnOlderWriteDoesNotUndoANewerOne() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    execute("UPDATE orders SET status = 'mine again'");

    answer(1, orders.updateOver(List.of(Rows.SAME, "mine", Rows.SAME), 1, "both", Rows.SAME));
    assertThat(query("SELECT status FROM orders")).containsExactly("mine again");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, "status", 1));

    answer(2, orders.updateOver(List.of(Rows.SAME, "mine again", Rows.SAME), 1, "z", Rows.SAME));
    assertThat(query("SELECT status FROM orders")).containsExactly("z");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void whereNothingIsProtectedTheHubsValueIsWrittenAtOnce() throws Exception {
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");

    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    apply(orders.replace(Arrays.asList(1, "theirs", "10"), 1, "whole", null));

    assertThat(query("SELECT * FROM orders")).containsExactly("1|whole|null");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aDeleteOfARowThatTheSiteHasWrittenWaitsAsAWhole() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute("UPDATE orders SET status = 'mine' WHERE id = 1");

    apply(orders.deleteOver(1, "new", "10"), orders.deleteOver(2, "new", "10"));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|mine|10.00");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 1));

    answer(1, orders.deleteOver(1, "mine", "10"));
    assertThat(query("SELECT * FROM orders")).isEmpty();
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aNewRowLeavesOneThatTheSiteHasInserted() throws Exception {
    guarded = true;
    execute("INSERT INTO orders VALUES (1, 'mine', 5)");

    apply(orders.insert(1, "theirs", null), orders.insert(2, "theirs", null));
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|5.00", "2|theirs|null");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 0));

    answer(1, orders.replace(List.of(1, "mine", "5"), 1, "both", "5"));
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|both|5.00", "2|theirs|null");
    assertThat(applier.kept()).isZero();
  }

  @Test
  void aWholeRowIsNotWrittenOverARowThatTheSiteHasDeleted() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("DELETE FROM orders");

    apply(orders.replace(List.of(1, "new", "10"), 1, "theirs", "10"));

    assertThat(query("SELECT * FROM orders")).isEmpty();
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 1));
  }

  @Test
  void whatIsAddedIsAddedOnceBesideAFieldThatStays() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute("UPDATE orders SET status = 'mine', total = total + 1 WHERE id = 1");
    List<Object> before = List.of(Rows.SAME, "new", Rows.SAME);

    apply(
        orders.updateOver(before, 1, "theirs", new Rows.Plus("5")),
        orders.updateOver(before, 2, "theirs", new Rows.Plus("5")));

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|16.00", "2|theirs|15.00");
  }

  @Test
  void changesOfARowThatWaitsAsAWholeGoIntoWhatIsWrittenInTheEnd() throws Exception {
    guarded = true;
    execute("INSERT INTO orders VALUES (1, 'mine', 5)");
    apply(orders.insert(1, "theirs", "7"));
    apply(orders.updateOver(List.of(Rows.SAME, "theirs", Rows.SAME), 1, "later", Rows.SAME));
    assertThat(query("SELECT * FROM orders")).containsExactly("1|mine|5.00");

    captured = Optional.of(new Sequence(3));
    answer(2);
    assertThat(query("SELECT * FROM orders")).as("3 is pending yet").containsExactly("1|mine|5.00");
    answer(3);
    assertThat(query("SELECT * FROM orders")).containsExactly("1|later|7.00");
    assertThat(markers.getLast().unseen()).isEmpty();
  }

  @Test
  void aValueThatNobodyWroteIsOverwrittenOnceThatIsSureAndSaid() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'drift'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "hub", Rows.SAME));
    assertThat(retry()).isZero();
    assertThat(query("SELECT status FROM orders")).as("capture is behind").containsExactly("drift");

    captured = Optional.of(new Sequence(0));
    retry();
    assertThat(query("SELECT status FROM orders")).containsExactly("hub");
    assertThat(drifted).containsExactly("orders.status");
    assertThat(markers.getLast().unseen()).isEmpty();
    assertThat(markers.getLast().first()).isEqualTo(ZERO.at(2));
  }

  @Test
  void whatTheSiteWritesMeanwhileIsWaitedForAnew() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    captured = Optional.of(new Sequence(1));
    execute("UPDATE orders SET status = 'mine again'");

    answer(1);
    assertThat(query("SELECT status FROM orders")).containsExactly("mine again");
    captured = Optional.of(new Sequence(2));
    answer(1);
    assertThat(query("SELECT status FROM orders")).containsExactly("mine again");
    answer(2);
    assertThat(query("SELECT status FROM orders")).containsExactly("theirs");
  }

  @Test
  void whatIsKeptOutlivesTheApplier() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"));
    execute("UPDATE orders SET status = 'mine'");
    apply(orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME));
    applier.close();
    applier = open();

    apply(orders.insert(2, "x", "1"));
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, "status", 1));
    answer(1, orders.updateOver(List.of(Rows.SAME, "mine", Rows.SAME), 1, "both", Rows.SAME));
    assertThat(query("SELECT status FROM orders WHERE id = 1")).containsExactly("both");
    assertThat(applier.kept()).isZero();
  }

  @Test
  void aRefusedBatchKeepsWhatItKeepsOnce() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute(
        "UPDATE orders SET status = 'mine' WHERE id = 1;"
            + "ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 1000)");

    Applier.ApplyResult result =
        apply(
            orders.updateOver(List.of(Rows.SAME, "new", Rows.SAME), 1, "theirs", Rows.SAME),
            orders.updateOver(List.of(Rows.SAME, Rows.SAME, "10"), 2, Rows.SAME, "5000"));

    assertThat(result.parked()).isEqualTo(1);
    assertThat(applier.kept()).isEqualTo(1);
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|10.00", "2|new|10.00");
    assertThat(markers.getLast().unseen())
        .containsExactlyInAnyOrder(unseen(1, "status", 1), unseen(2, null, 1));
  }

  @Test
  void aChangeOfKeyLeavesARowThatTheSiteHasWritten() throws Exception {
    guarded = true;
    apply(orders.insert(1, "new", "10"), orders.insert(2, "new", "10"));
    execute("UPDATE orders SET status = 'mine' WHERE id = 1");

    apply(
        orders.keyChangeOver(List.of(1, "new", "10"), 11, "new", "10"),
        orders.keyChangeOver(List.of(2, "new", "10"), 12, "new", "10"));

    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|mine|10.00", "11|new|10.00", "12|new|10.00");
    assertThat(markers.getLast().unseen()).containsExactly(unseen(1, null, 1));
  }

  /** A commit was sent, its connection cut, and its backend is slower than our next attempt. */
  @Test
  void aCommitOfUnknownOutcomeThatComesThroughLateIsNotAppliedAgain() throws Exception {
    apply(orders.insert(1, "new", "10"));
    try (Connection late = user();
        Statement statement = late.createStatement()) {
      late.setAutoCommit(false);
      statement.execute("UPDATE orders SET total = total + 5 WHERE id = 1");
      statement.execute("UPDATE spokewire.checkpoint SET position = 2");
      CompletableFuture<Applier.ApplyResult> again =
          CompletableFuture.supplyAsync(
              () -> apply(orders.update(1, Rows.SAME, new Rows.Plus("5"))));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> again.isDone() || isSomebodyWaiting());
      late.commit();
      assertThat(again)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.healsByItself()).isTrue());
    }
    assertThat(query("SELECT * FROM orders")).containsExactly("1|new|15.00");
    assertThat(applier.checkpoint()).map(p -> p.number()).contains(2L);
  }

  @Test
  void identifiersAreOnlyNames() throws Exception {
    String table = "x\"; DROP TABLE orders; --";
    Rows odd = Rows.of(table, 1, "se\"lect:INTEGER:integer", "A b.$1?:TEXT:text");
    book.add(odd.schema());
    String quoted = "\"x\"\"; DROP TABLE orders; --\"";
    execute("CREATE TABLE " + quoted + " (\"se\"\"lect\" integer PRIMARY KEY, \"A b.$1?\" text)");

    apply(odd.insert(1, "it's"), odd.insert(2, "b"), odd.insert(3, "c"));
    apply(odd.update(1, "?"), odd.delete(2), odd.keyChange(3, 4, "d"));

    assertThat(query("SELECT * FROM " + quoted + " ORDER BY 1")).containsExactly("1|?", "4|d");
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("0");
  }

  @Test
  void aValueTooLongForItsColumnIsParkedAndNeverCut() throws Exception {
    execute("CREATE TABLE short (id int PRIMARY KEY, v varchar(3))");
    Rows rows = Rows.of("short", 1, "id:INTEGER:integer", "v:TEXT:character varying(3)");
    book.add(rows.schema());

    assertThat(apply(rows.insert(1, "abcd"), rows.insert(2, "abc")).parked()).isEqualTo(1);
    assertThat(query("SELECT * FROM short")).containsExactly("2|abc");
    assertThat(query("SELECT \"sqlstate\", operation, attempts FROM spokewire.parked"))
        .containsExactly("22001|insert|1");
  }

  @Test
  void aTableWithoutAKeyTakesInserts() throws Exception {
    execute("CREATE TABLE log (line varchar(20))");
    Rows rows = Rows.of("log", 0, "line:TEXT:text");
    book.add(rows.schema());

    apply(rows.insert("a"), rows.insert("a"));

    assertThat(query("SELECT * FROM log")).containsExactly("a", "a");
  }

  @Test
  void uniqueValuesThatAreSwappedOverAThirdArrive() throws Exception {
    execute("CREATE TABLE names (id int PRIMARY KEY, name varchar(20) UNIQUE)");
    Rows names = Rows.of("names", 1, "id:INTEGER:integer", "name:TEXT:character varying(20)");
    book.add(names.schema());
    apply(names.insert(1, "a"), names.insert(2, "b"));

    assertThat(apply(names.update(1, "tmp"), names.update(2, "a"), names.update(1, "b")).parked())
        .isZero();

    assertThat(query("SELECT * FROM names ORDER BY id")).containsExactly("1|b", "2|a");
  }

  @Test
  void keysMayMoveOverOneAnother() throws Exception {
    apply(orders.insert(1, "a", "1"), orders.insert(2, "b", "1"), orders.insert(3, "c", "1"));

    apply(
        orders.keyChange(3, 4, "c", "1"),
        orders.keyChange(2, 3, "b", "1"),
        orders.keyChange(1, 2, "a", "1"));

    assertThat(query("SELECT id, status FROM orders ORDER BY id"))
        .containsExactly("2|a", "3|b", "4|c");
  }

  @Test
  void aDeadlockIsTriedAgain() throws Exception {
    apply(orders.insert(1, "a", "1"), orders.insert(2, "b", "1"));
    try (Connection other = user();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      outliveADeadlock(statement);
      statement.execute("UPDATE orders SET status = 'user' WHERE id = 2");
      CompletableFuture<Applier.ApplyResult> applying =
          CompletableFuture.supplyAsync(
              () -> apply(orders.update(1, "hub", Rows.SAME), orders.update(2, "hub", Rows.SAME)));
      Awaitility.await().until(this::isSomebodyWaiting);
      statement.execute("UPDATE orders SET total = 5 WHERE id = 1");
      other.commit();

      assertThat(applying.get(30, TimeUnit.SECONDS).parked()).isZero();
    }
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|hub|5.00", "2|hub|1.00");
  }

  @Test
  void aConnectionKilledInMidTransactionLeavesNothing() throws Exception {
    apply(orders.insert(1, "a", "1"), orders.insert(2, "a", "1"));
    try (Connection other = user();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT id FROM orders WHERE id = 2 FOR UPDATE");
      CompletableFuture<Applier.ApplyResult> applying =
          CompletableFuture.supplyAsync(
              () -> apply(items.insert(1, 1, "x"), orders.update(2, "hub", Rows.SAME)));
      Awaitility.await().until(this::isSomebodyWaiting);
      cutConnections();
      assertThatThrownBy(() -> applying.get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());
    }
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
    assertThat(query("SELECT count(*) FROM items")).containsExactly("0");
  }

  @Test
  void aCommitOfUnknownOutcomeIsToldByTheCheckpoint() throws Exception {
    apply(orders.insert(1, "a", "1"));
    loseNextCommit = true;

    assertThatThrownBy(() -> apply(orders.update(1, Rows.SAME, new Rows.Plus("1"))))
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());

    assertThat(applier.checkpoint()).contains(ZERO.at(2));
    assertThat(query("SELECT total FROM orders")).containsExactly("2.00");
  }

  @Test
  void aDatabaseOfAnotherAgentIsRefused() {
    apply(orders.insert(1, "a", "1"));
    for (Applier other :
        List.of(
            open(new UUID(8, 8), new SpokeId("lisbon")), open(INSTANCE, new SpokeId("porto")))) {
      assertThatThrownBy(other::checkpoint)
          .isInstanceOfSatisfying(
              Fault.class,
              f -> {
                assertThat(f.kind()).isEqualTo(FaultKind.REFUSED);
                assertThat(f.healsByItself()).isFalse();
              });
    }
  }

  @Test
  void aKeyThatChangesItsSpellingOnlyIsFoundByItsTypesEquality() throws Exception {
    execute("CREATE TABLE prices (amount numeric(9,3) PRIMARY KEY, note text)");
    Rows rows = Rows.of("prices", 1, "amount:DECIMAL:numeric", "note:TEXT:text");
    book.add(rows.schema());
    apply(rows.insert("1.0", "a"));

    apply(rows.update("1.00", "b"), rows.update("1.000", "c"));

    assertThat(query("SELECT note FROM prices")).containsExactly("c");
  }

  @Test
  void generatedAndIdentityColumnsAreNoObstacle() throws Exception {
    createGenerated();
    Rows rows = Rows.of("gen", 1, "id:INTEGER:bigint", "a:INTEGER:integer");
    book.add(rows.schema());

    apply(rows.insert(7, 1), rows.insert(8, 2));
    apply(rows.insert(7, 3), rows.update(8, 5));

    assertThat(query("SELECT * FROM gen ORDER BY id")).containsExactly("7|3|6|here", "8|5|10|here");
  }

  private Context.Unseen unseen(Object key, @Nullable String field, long low) {
    return new Context.Unseen(orders.schema().table(), orders.key(key).bytes(), field, low);
  }

  /** What the hub says of this site's own transaction. */
  private void answer(long own, RowChange... changes) {
    position++;
    applier.apply(
        new ApplyBatch(
            ZERO.at(position),
            ZERO.at(position),
            changes.length == 0
                ? List.of()
                : List.of(
                    new ApplyBatch.Entry(
                        ZERO.at(position),
                        new SpokeId("lisbon"),
                        new Sequence(own),
                        Rows.chunks(changes))),
            new Sequence(own)));
  }

  protected final Applier.ApplyResult apply(RowChange... changes) {
    position++;
    return applier.apply(
        new ApplyBatch(
            ZERO.at(position),
            ZERO.at(position),
            List.of(entry(position, changes)),
            Sequence.NONE));
  }

  protected final ApplyBatch.Entry entry(long at, RowChange... changes) {
    return new ApplyBatch.Entry(
        ZERO.at(at), new SpokeId("porto"), new Sequence(at), Rows.chunks(changes));
  }

  /** Tries parked rows again; the fixture's settings make them always due. */
  protected final long retry() {
    return applier.retryParked(Sequence.NONE);
  }
}
