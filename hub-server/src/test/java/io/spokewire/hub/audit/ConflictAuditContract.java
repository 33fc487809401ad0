package io.spokewire.hub.audit;

import static io.spokewire.hub.audit.Conflicts.LISBON;
import static io.spokewire.hub.audit.Conflicts.LOG;
import static io.spokewire.hub.audit.Conflicts.ORDERS;
import static io.spokewire.hub.audit.Conflicts.PORTO;
import static io.spokewire.hub.audit.Conflicts.START;
import static io.spokewire.hub.audit.Conflicts.conflict;
import static io.spokewire.hub.audit.Conflicts.outcome;
import static io.spokewire.hub.audit.Conflicts.status;
import static io.spokewire.hub.audit.Conflicts.text;
import static io.spokewire.hub.audit.Conflicts.withoutConflict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.audit.ConflictCounts.Dimension;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every database behind the audit must do. */
abstract class ConflictAuditContract {
  final SchemaBook schemas = new SchemaBook();
  ConflictAudit audit;

  /** The audit of this name; the same name is the same audit. */
  abstract ConflictAudit audit(String name) throws Exception;

  /** A plain connection to it, as a person would have. */
  abstract Connection connect(String name) throws Exception;

  @BeforeEach
  void open() throws Exception {
    schemas.add(ORDERS);
    audit = audit("audit");
  }

  @AfterEach
  void close() {
    audit.close();
  }

  @Test
  void aConflictIsKeptWithBothSidesReadableAndExact() {
    audit.project(List.of(outcome(1, status(7, "new", "paid", "cancelled"))));

    AuditedConflict kept = audit.find(1).orElseThrow();
    assertThat(kept.timestamp()).isEqualTo(START.plusSeconds(1));
    assertThat(kept.table()).isEqualTo(new TableName("orders"));
    assertThat(kept.key()).isEqualTo("{\"id\": 7}");
    assertThat(kept.field()).isEqualTo("status");
    assertThat(kept.kind()).isEqualTo("update_concurrent");
    assertThat(kept.type()).isEqualTo("text");
    assertThat(kept.base().text()).contains("new");
    assertThat(kept.source().spoke()).isEqualTo(LISBON);
    assertThat(kept.source().value().text()).contains("paid");
    assertThat(kept.source().clock())
        .isEqualTo(VectorClock.EMPTY.with(LISBON, new Sequence(173)).with(PORTO, new Sequence(8)));
    assertThat(kept.target().value().text()).contains("cancelled");
    assertThat(kept.target().value().exact()).isEqualTo(text("cancelled"));
    assertThat(kept.target().sequence()).isEqualTo(new Sequence(9));
    assertThat(kept.resolution()).isEqualTo("last_write_wins");
    assertThat(kept.result().text()).contains("paid");
    assertThat(kept.position()).isEqualTo(LOG.at(1));
    assertThat(kept.ruleVersion().number()).isEqualTo(2);
    assertThat(kept.schema()).isEqualTo(ORDERS.id());
  }

  @Test
  void nullAndAbsentValuesStayApart() {
    audit.project(
        List.of(
            outcome(
                1,
                conflict(
                    7,
                    "status",
                    ConflictKind.UPDATE_DELETED,
                    Field.ABSENT,
                    Field.NULL,
                    Field.ABSENT))));

    AuditedConflict kept = audit.find(1).orElseThrow();
    assertThat(kept.base().exact()).isEqualTo(Field.ABSENT);
    assertThat(kept.source().value().exact()).isEqualTo(Field.NULL);
    assertThat(kept.source().value().text()).isEmpty();
    assertThat(kept.target().value().exact()).isEqualTo(Field.ABSENT);
  }

  @Test
  void aRepeatedProjectionChangesNothing() {
    List<LogEntry> entries =
        List.of(
            outcome(1, status(7, "new", "paid", "cancelled")),
            withoutConflict(2),
            outcome(3, status(8, "new", "paid", "cancelled")));
    audit.project(entries.subList(0, 2));
    audit.project(entries);
    audit.project(entries);

    assertThat(ids()).containsExactly(2L, 1L);
    assertThat(audit.projectedThrough(LOG)).isEqualTo(LOG.at(3));
  }

  @Test
  void aProjectionThatFailsHalfWayLeavesNothing() {
    TableSchema strange = TableSchema.of(new TableName("strange"), ORDERS.columns(), ORDERS.key());
    ConflictRecord good = status(8, "new", "paid", "cancelled");
    ConflictRecord unknownShape =
        new ConflictRecord(
            strange.table(),
            strange.id(),
            good.key(),
            good.field(),
            good.kind(),
            good.base(),
            good.source(),
            good.target(),
            good.others(),
            good.rule(),
            good.ruleVersion(),
            good.result(),
            false);

    assertThatThrownBy(() -> audit.project(List.of(outcome(1, good), outcome(2, unknownShape))))
        .isInstanceOf(Fault.class);
    assertThat(ids()).isEmpty();
    assertThat(audit.projectedThrough(LOG).number()).isZero();

    schemas.add(strange);
    audit.project(List.of(outcome(1, good), outcome(2, unknownShape)));
    assertThat(ids()).containsExactly(2L, 1L);
  }

  @Test
  void twoConflictsOfOneFieldInOneTransactionAreBothKept() {
    audit.project(
        List.of(outcome(1, status(7, "new", "paid", "late"), status(7, "paid", "sent", "late"))));
    assertThat(ids()).hasSize(2);
  }

  @Test
  void aGapInTheLogIsRefused() {
    assertThatThrownBy(() -> audit.project(List.of(outcome(2, status(7, "a", "b", "c")))))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("main:2");
  }

  @Test
  void aPartOfAStagedOutcomeDoesNotMoveTheProjection() {
    audit.project(
        List.of(
            new LogEntry.OutcomePart(
                LOG.at(1), 0, io.spokewire.common.change.RowBlock.EMPTY, List.of())));
    assertThat(audit.projectedThrough(LOG).number()).isZero();
  }

  @Test
  void twoProjectorsOnOneAuditAreFound() throws Exception {
    audit.project(List.of(withoutConflict(1)));
    try (ConflictAudit other = audit("audit")) {
      other.project(List.of(outcome(2, status(7, "a", "b", "c"))));
    }
    assertThatThrownBy(() -> audit.project(List.of(outcome(2, status(7, "a", "b", "c")))))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("somebody else");
    assertThat(ids()).hasSize(1);
  }

  @Test
  void aNewIncarnationOfTheLogIsProjectedFromItsBeginning() {
    audit.project(List.of(outcome(1, status(7, "a", "b", "c"))));
    Position restored =
        Position.beginning(
            LogIncarnation.parse("7b0f3d4e-0000-4000-8000-000000000002"), ChannelId.MAIN);
    LogEntry.Outcome again = outcome(1, status(7, "a", "b", "c"));

    audit.project(
        List.of(
            new LogEntry.Outcome(
                restored.at(1),
                again.transaction(),
                List.of(),
                again.conflicts().stream().map(c -> Conflicts.in(restored, c)).toList())));

    assertThat(ids()).containsExactly(2L, 1L);
    assertThat(audit.projectedThrough(restored).number()).isEqualTo(1);
  }

  @Test
  void theTableIsPlainSqlWithTheDocumentedColumns() throws Exception {
    audit.project(List.of(outcome(1, status(7, "new", "paid", "cancelled"))));
    try (Connection connection = connect("audit");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT id, "timestamp", "table", "key", field, kind, base_value, source_spoke,
                  source_value, target_spoke, target_value, resolution, result, position,
                  source_clock, target_clock, rule_version, state, decided_by, incarnation, channel
                FROM sync_conflicts
                """)) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(2)).isEqualTo("2026-11-22T10:00:01.000000Z");
      assertThat(row.getString(4)).isEqualTo("{\"id\": 7}");
      assertThat(row.getString("source_value")).isEqualTo("paid");
      assertThat(row.getString("source_clock")).isEqualTo("{\"lisbon\": 173, \"porto\": 8}");
      assertThat(row.next()).isFalse();
    }
  }

  @Test
  void thousandsOfConflictsAreFilteredAndPaged() {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 1; number <= 3_000; number++) {
      String field = number % 10 == 0 ? "total" : "status";
      ConflictKind kind =
          number % 100 == 0 ? ConflictKind.UPDATE_DELETED : ConflictKind.UPDATE_CONCURRENT;
      log.add(outcome(number, conflict(number % 50, field, kind, text("1"), text("2"), text("3"))));
    }
    for (int from = 0; from < log.size(); from += 500) {
      audit.project(log.subList(from, from + 500));
    }

    assertThat(found(ConflictFilter.ANY)).hasSize(3_000);
    assertThat(found(filter().field("total").make())).hasSize(300);
    assertThat(found(filter().key("7").make())).hasSize(60);
    assertThat(found(filter().key("{\"id\":7}").make())).hasSize(60);
    assertThat(found(filter().field("total").key("7").make())).isEmpty();
    assertThat(found(filter().spoke(PORTO).field("total").make())).hasSize(300);
    assertThat(audit.countSince(START.plusSeconds(2_001))).isEqualTo(1_000);

    for (ConflictFilter filter : List.of(ConflictFilter.ANY, filter().spoke(PORTO).make())) {
      List<Long> paged = new ArrayList<>();
      long before = Long.MAX_VALUE;
      while (true) {
        List<AuditedConflict> page = audit.find(new ConflictQuery(filter, before, 777));
        if (page.isEmpty()) {
          break;
        }
        page.forEach(c -> paged.add(c.id()));
        before = page.getLast().id();
      }
      assertThat(paged).hasSize(3_000).doesNotHaveDuplicates();
      assertThat(paged.getFirst()).isEqualTo(3_000);
    }
  }

  @Test
  void eachFilterNarrowsByItsOwnColumn() {
    audit.project(
        List.of(
            outcome(1, status(7, "a", "b", "c")),
            outcome(
                2,
                open(
                    conflict(
                        8,
                        "#",
                        ConflictKind.UPDATE_DELETED,
                        Field.ABSENT,
                        text("t"),
                        text("f"))))));
    assertThat(found(filter().table("orders").make())).containsExactly(2L, 1L);
    assertThat(found(filter().table("order").make())).isEmpty();
    assertThat(found(filter().field("#").make())).containsExactly(2L);
    assertThat(found(filter().kind(ConflictKind.UPDATE_DELETED).make())).containsExactly(2L);
    assertThat(found(filter().strategy("last_write_wins").make())).containsExactly(2L, 1L);
    assertThat(found(filter().strategy("source_priority").make())).isEmpty();
    assertThat(found(filter().spoke(PORTO).make())).containsExactly(2L, 1L);
    assertThat(found(filter().spoke(LISBON).make())).containsExactly(2L, 1L);
    assertThat(found(filter().spoke(new SpokeId("paris")).make())).isEmpty();
    assertThat(found(filter().state(ConflictState.OPEN).make())).containsExactly(2L);
    assertThat(found(filter().state(ConflictState.SETTLED).make())).containsExactly(1L);
    assertThat(found(filter().since(START.plusSeconds(1)).until(START.plusSeconds(2)).make()))
        .containsExactly(1L);
    assertThat(found(filter().since(START.plusSeconds(2)).make())).containsExactly(2L);
    assertThat(found(filter().since(START.plusSeconds(3)).make())).isEmpty();
    assertThat(found(filter().until(START.plusSeconds(1)).make())).isEmpty();
    assertThat(found(filter().until(START.plusSeconds(9)).make())).containsExactly(2L, 1L);
  }

  @Test
  void aLongKeyIsFoundWhole() {
    String longKey = "k".repeat(5_000);
    String other = "k".repeat(4_999) + "x";
    audit.project(
        List.of(
            outcome(1, keyed(status(7, "a", "b", "c"), longKey)),
            outcome(2, keyed(status(7, "a", "b", "c"), other))));
    assertThat(found(filter().key(longKey).make())).containsExactly(1L);
  }

  @Test
  void aTextWithANulIsKeptAllTheSame() {
    audit.project(List.of(outcome(1, status(7, "a", "x\0y", "c"))));
    AuditedConflict kept = audit.find(1).orElseThrow();
    assertThat(kept.source().value().exact()).isEqualTo(text("x\0y"));
    assertThat(kept.source().value().text().orElseThrow()).startsWith("x").endsWith("y");
  }

  @Test
  void allThreeSiblingsAreKeptReadableAndExact() {
    ConflictRecord two = status(7, "new", "paid", "cancelled");
    ConflictWrite third =
        new ConflictWrite(
            new SpokeId("faro"),
            new Sequence(4),
            LOG.at(0),
            HybridTime.of(START.minusSeconds(5)),
            VectorClock.EMPTY.with(new SpokeId("faro"), new Sequence(4)),
            ORDERS.id(),
            two.key(),
            text("lost"),
            Tuple.NONE);
    ConflictRecord three = with(two, List.of(third), two.open());
    audit.project(List.of(outcome(1, three)));

    AuditedConflict kept = audit.find(1).orElseThrow();
    assertThat(kept.record()).isEqualTo(three);
    assertThat(kept.others()).hasSize(1);
    assertThat(kept.others().getFirst().spoke().name()).isEqualTo("faro");
    assertThat(kept.others().getFirst().value().text()).contains("lost");
    assertThat(kept.others().getFirst().time()).isEqualTo(START.minusSeconds(5));
    assertThat(kept.target().time()).isEqualTo(START.minusSeconds(1));
  }

  @Test
  void aConflictIsFoundWhenTheHubKnewOfItHoweverOldItsWriteIs() {
    LogEntry.Outcome now = outcome(100);
    LogEntry.Outcome late = outcome(1, status(7, "a", "b", "c"));
    audit.project(
        List.of(
            new LogEntry.Outcome(LOG.at(1), now.transaction(), List.of(), List.of()),
            new LogEntry.Outcome(LOG.at(2), late.transaction(), List.of(), late.conflicts())));
    assertThat(audit.find(1).orElseThrow().timestamp()).isEqualTo(START.plusSeconds(100));
    assertThat(found(filter().since(START.plusSeconds(50)).make())).hasSize(1);

    audit.close();
    reopen();
    audit.project(
        List.of(new LogEntry.Outcome(LOG.at(3), late.transaction(), List.of(), late.conflicts())));
    assertThat(audit.find(2).orElseThrow().timestamp()).isEqualTo(START.plusSeconds(100));
  }

  @Test
  void aRulingMovesTheStateOfItsConflictsAndOfNoOthers() {
    audit.project(
        List.of(
            outcome(1, open(status(7, "a", "b", "c")), status(8, "a", "b", "c")),
            outcome(2, status(9, "a", "b", "c")),
            ruling(3, LogEntry.Verdict.DECIDED, LOG.at(1), 0, "shipped"),
            ruling(4, LogEntry.Verdict.REVERTED, LOG.at(2), 0, "c")));

    AuditedConflict decided = audit.find(1).orElseThrow();
    assertThat(decided.state()).isEqualTo(ConflictState.DECIDED);
    assertThat(decided.decision())
        .contains(
            new AuditedConflict.Decision(
                "maria", START.plusSeconds(60), Optional.of("shipped"), "the customer called"));
    assertThat(audit.find(2).orElseThrow().state()).isEqualTo(ConflictState.SETTLED);
    assertThat(audit.find(2).orElseThrow().decision()).isEmpty();
    assertThat(audit.find(3).orElseThrow().state()).isEqualTo(ConflictState.REVERTED);
    assertThat(found(filter().state(ConflictState.OPEN).make())).isEmpty();
    assertThat(decided.conflict()).isEqualTo(new ConflictId(LOG.at(1), 0));
  }

  @Test
  void aRulingOnAConflictThatIsGoneHarmsNobody() {
    audit.project(List.of(outcome(1, status(7, "a", "b", "c"))));
    assertThat(audit.prune(START.plusSeconds(50), 10)).isEqualTo(1);
    audit.project(List.of(ruling(2, LogEntry.Verdict.REVERTED, LOG.at(1), 0, "c")));
    assertThat(audit.projectedThrough(LOG)).isEqualTo(LOG.at(2));
  }

  @Test
  void whatAwaitsADecisionIsNotPruned() {
    audit.project(
        List.of(outcome(1, open(status(7, "a", "b", "c"))), outcome(2, status(8, "a", "b", "c"))));
    assertThat(audit.prune(START.plusSeconds(50), 10)).isEqualTo(1);
    assertThat(ids()).containsExactly(1L);
  }

  @Test
  void conflictsAreCountedByWhatTheyHaveInCommon() {
    audit.project(
        List.of(
            outcome(1, status(7, "a", "b", "c")),
            outcome(2, open(status(8, "a", "b", "c"))),
            outcome(
                3,
                conflict(
                    8, "total", ConflictKind.UPDATE_CONCURRENT, text("1"), text("2"), text("3")))));
    assertThat(audit.count(ConflictFilter.ANY, List.of(Dimension.TABLE, Dimension.FIELD)).rows())
        .containsExactly(
            new ConflictCounts.Row(List.of("orders", "status"), 2, 1),
            new ConflictCounts.Row(List.of("orders", "total"), 1, 0));
    assertThat(audit.count(ConflictFilter.ANY, List.of(Dimension.SPOKES)).rows())
        .containsExactly(new ConflictCounts.Row(List.of("lisbon porto"), 3, 1));
    assertThat(audit.count(ConflictFilter.ANY, List.of(Dimension.DAY)).rows())
        .containsExactly(new ConflictCounts.Row(List.of("2026-11-22"), 3, 1));
    assertThat(audit.count(filter().field("total").make(), List.of(Dimension.HOUR)).rows())
        .containsExactly(new ConflictCounts.Row(List.of("2026-11-22T10"), 1, 0));
    assertThat(audit.count(filter().key("9").make(), List.of(Dimension.KIND)).rows()).isEmpty();
  }

  @Test
  void anAuditOfANewerHubIsNotTouched() throws Exception {
    audit.close();
    try (Connection connection = connect("audit");
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO sync_conflicts_version VALUES (99)");
    }
    assertThatThrownBy(() -> audit("audit"))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("newer version of the hub")
        .hasMessageContaining("99");
    audit = audit("another");
  }

  private void reopen() {
    try {
      audit = audit("audit");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static LogEntry.Ruling ruling(
      long number, LogEntry.Verdict verdict, Position at, int ordinal, String value) {
    return new LogEntry.Ruling(
        LOG.at(number),
        verdict,
        HybridTime.of(START.plusSeconds(60)),
        "maria",
        "the customer called",
        List.of(new LogEntry.Ruled(new ConflictId(at, ordinal), FieldImage.of(text(value)))));
  }

  private static ConflictRecord open(ConflictRecord c) {
    return with(c, c.others(), true);
  }

  private static ConflictRecord with(ConflictRecord c, List<ConflictWrite> others, boolean open) {
    return new ConflictRecord(
        c.table(),
        c.schema(),
        c.key(),
        c.field(),
        c.kind(),
        c.base(),
        c.source(),
        c.target(),
        others,
        c.rule(),
        c.ruleVersion(),
        c.result(),
        open);
  }

  private static ConflictRecord keyed(ConflictRecord c, String key) {
    return new ConflictRecord(
        c.table(),
        c.schema(),
        Conflicts.key(text(key)),
        c.field(),
        c.kind(),
        c.base(),
        c.source(),
        c.target(),
        c.others(),
        c.rule(),
        c.ruleVersion(),
        c.result(),
        c.open());
  }

  private List<Long> found(ConflictFilter filter) {
    return audit.find(ConflictQuery.newest(filter, 10_000)).stream()
        .map(AuditedConflict::id)
        .toList();
  }

  private static Filters filter() {
    return new Filters();
  }

  /** Filters one part at a time. */
  private static final class Filters {
    private ConflictFilter made = ConflictFilter.ANY;

    ConflictFilter make() {
      return made;
    }

    Filters table(String table) {
      return set(Optional.of(new TableName(table)), made.key(), made.field());
    }

    Filters key(String key) {
      return set(made.table(), Optional.of(key), made.field());
    }

    Filters field(String field) {
      return set(made.table(), made.key(), Optional.of(field));
    }

    Filters since(Instant since) {
      return set(Optional.of(since), made.until());
    }

    Filters until(Instant until) {
      return set(made.since(), Optional.of(until));
    }

    Filters strategy(String strategy) {
      return set(Optional.of(strategy), made.kind(), made.spoke(), made.state());
    }

    Filters kind(ConflictKind kind) {
      return set(made.strategy(), Optional.of(kind), made.spoke(), made.state());
    }

    Filters spoke(SpokeId spoke) {
      return set(made.strategy(), made.kind(), Optional.of(spoke), made.state());
    }

    Filters state(ConflictState state) {
      return set(made.strategy(), made.kind(), made.spoke(), Optional.of(state));
    }

    private Filters set(Optional<TableName> table, Optional<String> key, Optional<String> field) {
      made =
          new ConflictFilter(
              table,
              key,
              field,
              made.since(),
              made.until(),
              made.strategy(),
              made.kind(),
              made.spoke(),
              made.state());
      return this;
    }

    private Filters set(Optional<Instant> since, Optional<Instant> until) {
      made =
          new ConflictFilter(
              made.table(),
              made.key(),
              made.field(),
              since,
              until,
              made.strategy(),
              made.kind(),
              made.spoke(),
              made.state());
      return this;
    }

    private Filters set(
        Optional<String> strategy,
        Optional<ConflictKind> kind,
        Optional<SpokeId> spoke,
        Optional<ConflictState> state) {
      made =
          new ConflictFilter(
              made.table(),
              made.key(),
              made.field(),
              made.since(),
              made.until(),
              strategy,
              kind,
              spoke,
              state);
      return this;
    }
  }

  private List<Long> ids() {
    return audit.find(ConflictQuery.newest(100)).stream().map(AuditedConflict::id).toList();
  }
}
