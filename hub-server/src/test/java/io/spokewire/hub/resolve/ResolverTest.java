package io.spokewire.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.resolve.Resolver.Resolution;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import io.spokewire.hub.resolve.rule.SourcePriority;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of single encounters; {@link CausalityTest} shows that they add up. */
class ResolverTest {
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final SpokeId PORTO = new SpokeId("porto");
  private static final SpokeId FARO = new SpokeId("faro");
  private static final LogIncarnation LOG = new LogIncarnation(new UUID(1, 2));
  private static final TableSchema ORDERS =
      TableSchema.of(
          new TableName("orders"),
          List.of(
              new Column("id", LogicalType.INTEGER, "integer", false),
              new Column("status", LogicalType.TEXT, "text", true),
              new Column("note", LogicalType.TEXT, "text", true)),
          List.of(0));
  private static final String SAME = "\0same";

  private final SchemaBook schemas = new SchemaBook();
  private final Map<SpokeId, Long> sequences = new HashMap<>();
  private long head;

  private Resolver resolver(DeletePolicy delete) {
    return resolver(TableRules.of(new LastWriteWins("last_write_wins"), Map.of(), delete));
  }

  private Resolver protecting() {
    return resolver(
        TableRules.of(new LastWriteWins("last_write_wins"), Map.of(), DeletePolicy.DELETE_WINS)
            .protectingPending());
  }

  private Resolver resolver(TableRules rules) {
    schemas.add(ORDERS);
    return new Resolver(schemas, RuleBook.of(new PlanVersion(3), t -> rules));
  }

  private final Resolver resolver = resolver(DeletePolicy.DELETE_WINS);

  @Test
  void aWriteThatHasSeenEverythingNeedsNoResolution() {
    assertThat(take(LISBON, 0, 10, insert("1", "new", "")).resolutions()).isEmpty();
    assertThat(take(PORTO, 1, 20, update("1", "new", "paid", null, null)).resolutions()).isEmpty();
    assertThat(take(LISBON, 2, 30, delete("1", "paid", "")).resolutions()).isEmpty();
  }

  @Test
  void aSitesOwnEarlierWritesCountAsSeenBeforeTheHubHasConfirmedThem() {
    take(LISBON, 0, 10, insert("1", "new", ""));
    assertThat(take(LISBON, 0, 20, update("1", "new", "paid", null, null)).resolutions()).isEmpty();
    assertThat(take(LISBON, 0, 30, delete("1", "paid", "")).resolutions()).isEmpty();
  }

  @Test
  void theLaterOfTwoConcurrentUpdatesWinsAndTheEarlierSiteIsTold() {
    take(LISBON, 0, 50, update("1", "new", "paid", null, null));
    Resolution resolution = take(PORTO, 0, 40, update("1", "new", "shipped", null, null));
    assertThat(row(resolution).forOthers().isEmpty()).as("lisbon has what won").isTrue();
    assertThat(values(row(resolution).forOrigin())).containsExactly(SAME, "paid", SAME);
    ConflictRecord conflict = resolution.conflicts().getFirst();
    assertThat(conflict.kind()).isEqualTo(ConflictKind.UPDATE_CONCURRENT);
    assertThat(conflict.field()).isEqualTo("status");
    assertThat(conflict.base().value()).isEqualTo(value("new"));
    assertThat(conflict.source().spoke()).isEqualTo(PORTO);
    assertThat(conflict.source().value()).isEqualTo(value("shipped"));
    assertThat(conflict.target().value()).isEqualTo(value("paid"));
    assertThat(conflict.result().value()).isEqualTo(value("paid"));
    assertThat(conflict.ruleVersion()).isEqualTo(new PlanVersion(3));
    assertThat(conflict.source().clock()).hasToString("porto:1");
    assertThat(conflict.target().clock()).hasToString("lisbon:1");
  }

  @Test
  void concurrentUpdatesOfDifferentFieldsMergeWithoutAConflict() {
    take(LISBON, 0, 50, update("1", "new", "paid", null, null));
    Resolution resolution = take(PORTO, 0, 40, update("1", null, null, "", "fragile"));
    assertThat(resolution.conflicts()).isEmpty();
    assertThat(resolution.resolutions()).as("goes to lisbon as it is").isEmpty();
  }

  @Test
  void theSameValueWrittenTwiceIsNoConflict() {
    take(LISBON, 0, 50, update("1", "new", "paid", null, null));
    assertThat(take(PORTO, 0, 40, update("1", "new", "paid", null, null)).conflicts()).isEmpty();
  }

  @Test
  void aDeleteWinsOverAConcurrentUpdateAndTheUpdatersRowGoes() {
    take(LISBON, 0, 50, delete("1", "new", ""));
    Resolution resolution = take(PORTO, 0, 99, update("1", "new", "paid", null, null));
    assertThat(row(resolution).exists()).isFalse();
    assertThat(row(resolution).forOthers().isEmpty()).isTrue();
    assertThat(change(row(resolution).forOrigin())).isInstanceOf(RowChange.Delete.class);
    assertThat(resolution.conflicts())
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.field()).isEqualTo("#");
              assertThat(c.kind()).isEqualTo(ConflictKind.UPDATE_DELETED);
              assertThat(c.rule()).isEqualTo("delete_wins");
              assertThat(c.result()).isEqualTo(FieldImage.NO_ROW);
            });
  }

  @Test
  void anUpdateThatLosesToADeleteIsKeptWhole() {
    take(LISBON, 0, 50, delete("1", "new", "fragile"));
    ConflictRecord c =
        take(PORTO, 0, 99, update("1", "new", "paid", null, null)).conflicts().getFirst();
    assertThat(c.source().value()).isEqualTo(FieldImage.EXISTS);
    assertThat(values(c.source().row())).containsExactly("1", "paid", "fragile");
    assertThat(values(c.base().row())).containsExactly("1", "new", "fragile");
    assertThat(c.target().value()).isEqualTo(FieldImage.IS_GONE);
    assertThat(values(c.target().row()))
        .as("what lisbon deleted")
        .containsExactly("1", "new", "fragile");
  }

  @Test
  void aDeleteThatMeetsAnUpdateKeepsTheRowsOfBoth() {
    take(LISBON, 0, 50, update("1", "new", "paid", null, null));
    ConflictRecord c = take(PORTO, 0, 99, delete("1", "new", "fragile")).conflicts().getFirst();
    assertThat(c.kind()).isEqualTo(ConflictKind.DELETE_CONCURRENT_UPDATE);
    assertThat(values(c.source().row())).containsExactly("1", "new", "fragile");
    assertThat(values(c.target().row())).containsExactly("1", "paid", "fragile");
    assertThat(c.result()).isEqualTo(FieldImage.NO_ROW);
  }

  @Test
  void anUpdateThatWinsOverADeleteLeavesTheRowItMade() {
    Resolver updateWins = resolver(DeletePolicy.UPDATE_WINS);
    take(updateWins, LISBON, 0, 50, delete("1", "new", "fragile"));
    ConflictRecord c =
        take(updateWins, PORTO, 0, 10, update("1", "new", "paid", null, null))
            .conflicts()
            .getFirst();
    assertThat(c.result().value()).isEqualTo(FieldImage.EXISTS);
    assertThat(values(c.result().row())).containsExactly("1", "paid", "fragile");
  }

  @Test
  void ofThreeConcurrentWritesAllAreInTheRecordWithWhenAndWhere() {
    take(LISBON, 0, 50, update("1", "new", "paid", null, null));
    take(PORTO, 0, 60, update("1", "new", "shipped", null, null));
    ConflictRecord c =
        take(FARO, 0, 40, update("1", "new", "lost", null, null)).conflicts().getFirst();
    assertThat(c.siblings()).extracting(ConflictWrite::spoke).containsExactly(LISBON, PORTO, FARO);
    assertThat(c.siblings()).extracting(w -> w.position().number()).containsExactly(1L, 2L, 3L);
    assertThat(c.siblings()).extracting(w -> w.time().micros()).containsExactly(50L, 60L, 40L);
    assertThat(c.siblings())
        .extracting(ConflictWrite::value)
        .containsExactly(value("paid"), value("shipped"), value("lost"));
    assertThat(c.source().spoke()).isEqualTo(FARO);
    assertThat(c.target().spoke()).isEqualTo(PORTO);
    assertThat(c.others()).extracting(ConflictWrite::spoke).containsExactly(LISBON);
  }

  @Test
  void underUpdateWinsTheRowComesBackWholeFromTheDeletesImage() {
    Resolver updateWins = resolver(DeletePolicy.UPDATE_WINS);
    take(updateWins, LISBON, 0, 50, delete("1", "new", "fragile"));
    Resolution resolution = take(updateWins, PORTO, 0, 10, update("1", "new", "paid", null, null));
    assertThat(change(row(resolution).forOthers())).isInstanceOf(RowChange.Insert.class);
    assertThat(values(row(resolution).forOthers())).containsExactly("1", "paid", "fragile");
    assertThat(values(row(resolution).forOrigin()))
        .as("the delete is on its way to porto")
        .containsExactly("1", "paid", "fragile");
  }

  @Test
  void aDeleteThatDoesNotSayWhatItDeletedStandsAgainstPartOfARow() {
    Resolver updateWins = resolver(DeletePolicy.UPDATE_WINS);
    take(updateWins, SpokeId.HUB, 0, 50, new RowChange.Delete(ORDERS.id(), key("1"), Tuple.NONE));
    Resolution resolution = take(updateWins, PORTO, 0, 60, update("1", "new", "paid", null, null));

    assertThat(row(resolution).exists()).as("nobody knows all of it").isFalse();
    assertThat(change(row(resolution).forOrigin())).isInstanceOf(RowChange.Delete.class);
    assertThat(resolution.conflicts())
        .singleElement()
        .satisfies(c -> assertThat(c.rule()).isEqualTo("row_unknown"));
  }

  @Test
  void twoInsertsOfOneKeyAreSettledFieldByField() {
    take(LISBON, 0, 50, insert("1", "new", "x"));
    Resolution resolution = take(PORTO, 0, 60, insert("1", "paid", "x"));
    assertThat(resolution.conflicts())
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.kind()).isEqualTo(ConflictKind.INSERT_EXISTS);
              assertThat(c.field()).isEqualTo("status");
              assertThat(c.base().value().isAbsent()).isTrue();
            });
  }

  @Test
  void aRuleBreaksTiesOnlyBetweenConcurrentWrites() {
    schemas.add(ORDERS);
    TableRules lisbonFirst =
        TableRules.of(
            new SourcePriority("source_priority", List.of(LISBON, PORTO)),
            Map.of(),
            DeletePolicy.DELETE_WINS);
    Resolver priority = new Resolver(schemas, RuleBook.of(new PlanVersion(1), t -> lisbonFirst));
    take(priority, LISBON, 0, 10, update("1", "new", "paid", null, null));
    assertThat(take(priority, PORTO, 1, 20, update("1", "paid", "shipped", null, null)).conflicts())
        .as("porto had seen lisbon's write")
        .isEmpty();
    Resolution concurrent =
        take(priority, LISBON, 0, 30, update("1", "paid", "refused", null, null));
    assertThat(concurrent.conflicts()).hasSize(1);
    assertThat(concurrent.conflicts().getFirst().result().value()).isEqualTo(value("refused"));
  }

  /** Status and note belong together, as street and city do. */
  private Resolver grouped() {
    return grouped(DeletePolicy.DELETE_WINS);
  }

  private Resolver grouped(DeletePolicy delete) {
    schemas.add(ORDERS);
    TableRules rules =
        TableRules.of(new LastWriteWins("last_write_wins"), Map.of(), delete)
            .grouped(List.of("status", "note"));
    return new Resolver(schemas, RuleBook.of(new PlanVersion(3), t -> rules));
  }

  @Test
  void aGroupTakesAllItsValuesFromOneWriteAlsoThoseItDidNotChange() {
    Resolver grouped = grouped();
    take(grouped, LISBON, 0, 50, update("1", "new", "paid", null, null));
    Resolution later = take(grouped, PORTO, 0, 60, update("1", null, null, "", "fragile"));
    assertThat(values(row(later).forOthers())).containsExactly(SAME, "new", "fragile");
    assertThat(values(row(later).forOrigin()))
        .as("lisbon's status is on its way to porto")
        .containsExactly(SAME, "new", SAME);
    assertThat(later.conflicts())
        .extracting(ConflictRecord::field, c -> c.result().value())
        .containsExactly(tuple("status", value("new")), tuple("note", value("fragile")));
    assertThat(later.conflicts().getFirst().target().value()).isEqualTo(value("paid"));
  }

  @Test
  void theEarlierWriteOfAGroupLosesWithAllItsValues() {
    Resolver grouped = grouped();
    take(grouped, LISBON, 0, 50, update("1", "new", "paid", null, null));
    Resolution earlier = take(grouped, PORTO, 0, 40, update("1", null, null, "", "fragile"));
    assertThat(row(earlier).forOthers().isEmpty()).as("lisbon has what won").isTrue();
    assertThat(values(row(earlier).forOrigin())).containsExactly(SAME, "paid", "");
  }

  @Test
  void whoBringsARowBackBringsTheGroupAsHisSiteHadIt() {
    Resolver grouped = grouped(DeletePolicy.UPDATE_WINS);
    take(grouped, LISBON, 0, 10, insert("1", "new", "none"));
    take(grouped, LISBON, 1, 20, delete("1", "new", "none"));
    take(grouped, LISBON, 2, 30, insert("1", "refused", "torn"));
    take(grouped, LISBON, 3, 40, delete("1", "refused", "torn"));
    Resolution back = take(grouped, PORTO, 1, 50, update("1", null, null, "none", "fragile"));
    assertThat(values(row(back).forOthers()))
        .as("porto has never seen the refused one")
        .containsExactly("1", "new", "fragile");
  }

  @Test
  void whoHasSeenAGroupsWriteOverwritesItWithAnyOfItsFields() {
    Resolver grouped = grouped();
    take(grouped, LISBON, 0, 90, update("1", "new", "paid", null, null));
    take(grouped, LISBON, 1, 10, update("1", null, null, "", "fragile"));
    Resolution late = take(grouped, PORTO, 0, 50, update("1", "new", "lost", null, null));
    assertThat(values(row(late).forOthers()))
        .as("weighed against lisbon's second write alone, which porto's is later than")
        .containsExactly(SAME, "lost", "");
  }

  @Test
  void withoutBeforeImagesEveryColumnGivenCountsAsWritten() {
    take(
        LISBON, 0, 50, new RowChange.Update(ORDERS.id(), key("1"), Tuple.NONE, row("1", "a", "b")));
    Resolution resolution =
        take(
            PORTO,
            0,
            60,
            new RowChange.Update(ORDERS.id(), key("1"), Tuple.NONE, row("1", "a", "c")));
    assertThat(resolution.conflicts())
        .extracting(ConflictRecord::field)
        .as("equal values are none")
        .containsExactly("note");
  }

  @Test
  void aChangeOfKeyIsADeleteAndAnInsertAndTravelsAsOneWhenNothingIsInItsWay() {
    RowChange.KeyChange renumber =
        new RowChange.KeyChange(
            ORDERS.id(), key("1"), key("2"), row("1", "new", ""), row("2", "new", ""));
    assertThat(take(LISBON, 0, 10, renumber).resolutions()).isEmpty();
    Resolution late = take(PORTO, 0, 20, update("1", "new", "paid", null, null));
    assertThat(late.conflicts()).singleElement().extracting(ConflictRecord::field).isEqualTo("#");
  }

  @Test
  void aChangeOfKeyThatMeetsAConcurrentInsertIsSettledInTwoHalves() {
    take(PORTO, 0, 20, insert("2", "other", ""));
    RowChange.KeyChange renumber =
        new RowChange.KeyChange(
            ORDERS.id(), key("1"), key("2"), row("1", "new", ""), row("2", "new", ""));
    Resolution resolution = take(LISBON, 0, 30, renumber);
    assertThat(resolution.resolutions()).extracting(RowResolution::row).containsExactly(0, 0);
    assertThat(change(resolution.resolutions().get(0).forOthers()))
        .isInstanceOf(RowChange.Delete.class);
    assertThat(values(resolution.resolutions().get(1).forOthers())).containsExactly("2", "new", "");
  }

  @Test
  void aRowSetAsideAtASiteIsNotSeenThereWhateverThePosition() {
    take(LISBON, 0, 50, update("1", "new", "paid", null, null));
    Context parked =
        Context.through(position(1))
            .withExceptions(
                List.of(new Context.Unseen(new TableName("orders"), key("1").bytes(), 0)));
    Resolution resolution =
        take(resolver, PORTO, parked, 40, update("1", "new", "shipped", null, null));
    assertThat(resolution.conflicts()).hasSize(1);
  }

  @Test
  void aFieldThatKeptItsValueIsNotSeenWhileTheOthersOfItsRowAre() {
    take(LISBON, 0, 50, update("1", "new", "paid", "", "fragile"));
    take(LISBON, 0, 50, update("2", "new", "paid", null, null));
    Context kept =
        Context.through(position(2))
            .withExceptions(
                List.of(
                    new Context.Unseen(new TableName("orders"), key("1").bytes(), "status", 0)));
    assertThat(take(resolver, PORTO, kept, 40, update("2", "paid", "sent", null, null)).conflicts())
        .as("another row")
        .isEmpty();
    assertThat(take(resolver, PORTO, kept, 40, update("1", null, null, "fragile", "x")).conflicts())
        .as("another field")
        .isEmpty();
    Resolution resolution = take(resolver, PORTO, kept, 40, update("1", "a", "b", null, null));
    assertThat(resolution.conflicts())
        .singleElement()
        .extracting(ConflictRecord::field)
        .isEqualTo("status");
    assertThat(values(row(resolution).forOrigin()))
        .as("the answer to a write over what was kept")
        .containsExactly(SAME, "paid", SAME);
  }

  @Test
  void whereOwnWritesAreProtectedAnOutcomeSaysWhatItReplaces() {
    Resolver r = protecting();
    take(r, LISBON, 0, 50, update("1", "new", "paid", null, null));
    Resolution resolution = take(r, PORTO, 0, 60, update("1", "new", "shipped", null, null));
    assertThat(before(row(resolution).forOthers()))
        .as("what the others have")
        .containsExactly(SAME, "paid", SAME);
    assertThat(before(row(resolution).forOrigin()))
        .as("what its own write left there")
        .containsExactly(SAME, "shipped", SAME);
  }

  @Test
  void whereOwnWritesAreProtectedAWholeRowSaysWhetherItReplacesOne() {
    Resolver r = protecting();
    take(r, LISBON, 0, 50, insert("1", "new", "a"));
    Resolution met = take(r, PORTO, 0, 40, insert("1", "old", "a"));
    assertThat(change(row(met).forOrigin()))
        .isInstanceOfSatisfying(
            RowChange.KeyChange.class, c -> assertThat(c.oldKey()).isEqualTo(c.newKey()));
    assertThat(before(row(met).forOrigin())).containsExactly("1", "old", "a");
    assertThat(before(row(met).forOthers())).containsExactly("1", "new", "a");
    assertThat(values(row(met).forOrigin())).containsExactly("1", "new", "a");
  }

  @Test
  void whereOwnWritesAreProtectedADeleteSaysWhatRowItTakesAway() {
    Resolver r = protecting();
    take(r, LISBON, 0, 50, delete("1", "new", "a"));
    Resolution met = take(r, PORTO, 0, 60, update("1", "new", "paid", null, null));
    assertThat(change(row(met).forOrigin())).isInstanceOf(RowChange.Delete.class);
    assertThat(before(row(met).forOrigin())).containsExactly("1", "paid", "a");
  }

  @Test
  void aTruncateNamesTheRowsThatItsSiteHadNotSeen() {
    take(PORTO, 0, 10, insert("1", "seen", ""));
    take(PORTO, 0, 20, insert("2", "new", ""));
    Resolution resolution = take(LISBON, 1, 30, new RowChange.Truncate(ORDERS.id()));

    RowResolution truncate = resolution.resolutions().getFirst();
    assertThat(change(truncate.forOthers()))
        .isEqualTo(new RowChange.Truncate(ORDERS.id(), List.of(key("2"))));
    assertThat(truncate.forOrigin().isEmpty()).isTrue();
    assertThat(resolution.conflicts())
        .extracting(ConflictRecord::kind)
        .containsExactly(ConflictKind.TRUNCATE_CONCURRENT);
  }

  @Test
  void anUpdateThatATruncateHadNotSeenIsInTheAuditAndItsRowIsGone() {
    take(LISBON, 0, 10, new RowChange.Truncate(ORDERS.id()));
    Resolution resolution = take(PORTO, 0, 20, update("1", "old", "late", null, null));

    assertThat(row(resolution).exists()).isFalse();
    assertThat(change(row(resolution).forOrigin())).isInstanceOf(RowChange.Delete.class);
    assertThat(resolution.conflicts().getFirst().rule()).isEqualTo("truncate");
    assertThat(resolution.conflicts().getFirst().result()).isEqualTo(FieldImage.NO_ROW);
  }

  @Test
  void aTruncateWithoutKeysIsKeptInTheLogAndSentToNobody() {
    TableSchema notes =
        TableSchema.of(
            new TableName("notes"),
            List.of(new Column("text", LogicalType.TEXT, "text", true)),
            List.of());
    schemas.add(notes);
    Resolution resolution = take(LISBON, 0, 10, new RowChange.Truncate(notes.id()));
    assertThat(row(resolution).isWithheld()).isTrue();
  }

  @Test
  void rowsLeaveTheWindowAtTheFrontier() {
    take(LISBON, 0, 10, insert("1", "new", ""));
    take(LISBON, 0, 20, insert("2", "new", ""));
    resolver.advanceFrontier(1);
    assertThat(resolver.size().rows()).isEqualTo(1);
    resolver.advanceFrontier(2);
    assertThat(resolver.size().rows()).isZero();
    assertThat(resolver.size().versions()).isZero();
  }

  private Resolution take(SpokeId spoke, long seen, long time, RowChange change) {
    return take(resolver, spoke, seen, time, change);
  }

  private Resolution take(Resolver r, SpokeId spoke, long seen, long time, RowChange change) {
    return take(r, spoke, Context.through(position(seen)), time, change);
  }

  private Resolution take(Resolver r, SpokeId spoke, Context seen, long time, RowChange change) {
    RowBlock rows = new RowBlockWriter().put(change).toBlock();
    Transaction transaction =
        new Transaction(
            new Writer(spoke, Epoch.FIRST, ChannelId.MAIN),
            new Sequence(sequences.merge(spoke, 1L, Long::sum)),
            SourcePosition.NONE,
            new HybridTime(time, 0),
            seen,
            ChainHash.START,
            rows,
            0);
    return r.resolve(transaction, position(++head), rows);
  }

  private static Position position(long number) {
    return new Position(LOG, ChannelId.MAIN, number);
  }

  private static RowResolution row(Resolution resolution) {
    assertThat(resolution.resolutions()).hasSize(1);
    return resolution.resolutions().getFirst();
  }

  private static RowChange change(Bytes encoded) {
    return new RowBlock(encoded, 1).iterator().next();
  }

  private static List<String> values(Bytes encoded) {
    Tuple tuple =
        switch (change(encoded)) {
          case RowChange.Insert c -> c.after();
          case RowChange.Update c -> c.after();
          case RowChange.KeyChange c -> c.after();
          case RowChange c -> throw new AssertionError("no image in " + c);
        };
    return values(tuple);
  }

  private static List<String> before(Bytes encoded) {
    return values(
        switch (change(encoded)) {
          case RowChange.Update c -> c.before();
          case RowChange.KeyChange c -> c.before();
          case RowChange.Delete c -> c.before();
          case RowChange c -> throw new AssertionError("no image before in " + c);
        });
  }

  private static List<String> values(Tuple tuple) {
    @Nullable Field[] fields = RowWrite.present(tuple, ORDERS.columns().size());
    return Arrays.stream(fields).map(f -> f == null ? SAME : f.value().toUtf8()).toList();
  }

  private static RowChange insert(String id, String status, String note) {
    return new RowChange.Insert(ORDERS.id(), key(id), row(id, status, note));
  }

  private static RowChange delete(String id, String status, String note) {
    return new RowChange.Delete(ORDERS.id(), key(id), row(id, status, note));
  }

  private static RowChange update(
      String id,
      @Nullable String statusBefore,
      @Nullable String status,
      @Nullable String noteBefore,
      @Nullable String note) {
    return new RowChange.Update(
        ORDERS.id(), key(id), row(null, statusBefore, noteBefore), row(null, status, note));
  }

  /** A tuple; null stands for "not changed". */
  private static Tuple row(@Nullable String... values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (String value : values) {
      if (value == null) {
        writer.putUnchanged();
      } else {
        writer.putValue(Bytes.utf8(value));
      }
    }
    return new Tuple(sink.toBytes());
  }

  private static RowKey key(String id) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(Bytes.utf8(id));
    return new RowKey(sink.toBytes());
  }

  private static Field value(String text) {
    return Field.ofValue(Bytes.utf8(text));
  }
}
