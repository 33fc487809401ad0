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
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConflictAuditTest {
  @TempDir Path directory;

  private final SchemaBook schemas = new SchemaBook();
  private ConflictAudit audit;

  @BeforeEach
  void open() {
    schemas.add(ORDERS);
    audit = ConflictAudit.open(directory.resolve("audit.db"), schemas);
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
  void everyConflictIsThereOnceWhereverTheProcessDied() throws IOException {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 1; number <= 12; number++) {
      log.add(
          number % 3 == 0
              ? withoutConflict(number)
              : outcome(
                  number,
                  status(number, "a", "b", "c"),
                  conflict(
                      number,
                      "total",
                      ConflictKind.UPDATE_CONCURRENT,
                      text("1"),
                      text("2"),
                      text("3"))));
    }
    for (int died = 0; died < log.size(); died++) {
      Path life = Files.createDirectory(directory.resolve("died-after-" + died));
      try (ConflictAudit first = ConflictAudit.open(life.resolve("audit.db"), schemas)) {
        for (LogEntry entry : log.subList(0, died)) {
          first.project(List.of(entry));
        }
        Path image = filesAsAKillLeavesThem(life);
        try (ConflictAudit second = ConflictAudit.open(image.resolve("audit.db"), schemas)) {
          assertThat(second.projectedThrough(LOG).number()).isEqualTo(died);
          second.project(log);
          assertThat(second.find(ConflictQuery.newest(100))).hasSize(16);
          assertThat(second.projectedThrough(LOG).number()).isEqualTo(12);
        }
      }
    }
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
  void twoProjectorsOnOneFileAreFound() {
    audit.project(List.of(withoutConflict(1)));
    try (ConflictAudit other = ConflictAudit.open(directory.resolve("audit.db"), schemas)) {
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
                restored.at(1), again.transaction(), List.of(), again.conflicts())));

    assertThat(ids()).containsExactly(2L, 1L);
    assertThat(audit.projectedThrough(restored).number()).isEqualTo(1);
  }

  @Test
  void theTableIsPlainSqlWithTheDocumentedColumns() throws Exception {
    audit.project(List.of(outcome(1, status(7, "new", "paid", "cancelled"))));
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("audit.db"));
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT id, "timestamp", "table", "key", field, kind, base_value, source_spoke,
                  source_value, target_spoke, target_value, resolution, result, position,
                  source_clock, target_clock, rule_version, incarnation, channel, schema_id
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
  void tenThousandConflictsAreFilteredAndPaged() {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 1; number <= 10_000; number++) {
      String field = number % 10 == 0 ? "total" : "status";
      ConflictKind kind =
          number % 100 == 0 ? ConflictKind.UPDATE_DELETED : ConflictKind.UPDATE_CONCURRENT;
      log.add(outcome(number, conflict(number % 50, field, kind, text("1"), text("2"), text("3"))));
    }
    for (int from = 0; from < log.size(); from += 500) {
      audit.project(log.subList(from, from + 500));
    }

    ConflictQuery all = ConflictQuery.newest(20_000);
    assertThat(audit.find(all)).hasSize(10_000);
    assertThat(audit.find(with(all, Optional.of("total"), Optional.empty()))).hasSize(1_000);
    assertThat(audit.find(with(all, Optional.empty(), Optional.of("7")))).hasSize(200);
    assertThat(audit.find(with(all, Optional.empty(), Optional.of("{\"id\":7}")))).hasSize(200);
    assertThat(audit.find(with(all, Optional.of("total"), Optional.of("7")))).isEmpty();
    assertThat(audit.countSince(START.plusSeconds(9_001))).isEqualTo(1_000);

    List<Long> paged = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      List<AuditedConflict> page = audit.find(all.page(before, 777));
      if (page.isEmpty()) {
        break;
      }
      page.forEach(c -> paged.add(c.id()));
      before = page.getLast().id();
    }
    assertThat(paged).hasSize(10_000).doesNotHaveDuplicates();
    assertThat(paged.getFirst()).isEqualTo(10_000);
  }

  @Test
  void eachFilterNarrowsByItsOwnColumn() {
    audit.project(
        List.of(
            outcome(1, status(7, "a", "b", "c")),
            outcome(
                2,
                conflict(
                    8, "#", ConflictKind.UPDATE_DELETED, Field.ABSENT, text("t"), text("f")))));
    Optional<String> any = Optional.empty();
    assertThat(found(Optional.of(new TableName("orders")), any, any, Optional.empty()))
        .containsExactly(2L, 1L);
    assertThat(found(Optional.of(new TableName("order")), any, any, Optional.empty())).isEmpty();
    assertThat(found(Optional.empty(), Optional.of("update_deleted"), any, Optional.empty()))
        .containsExactly(2L);
    assertThat(found(Optional.empty(), any, Optional.of("source_priority"), Optional.empty()))
        .isEmpty();
    assertThat(found(Optional.empty(), any, any, Optional.of(PORTO))).containsExactly(2L, 1L);
    assertThat(found(Optional.empty(), any, any, Optional.of(new SpokeId("paris")))).isEmpty();
    ConflictQuery newest = ConflictQuery.newest(10);
    ConflictQuery inSecondOne =
        new ConflictQuery(
            newest.table(),
            newest.key(),
            newest.field(),
            Optional.of(START.plusSeconds(1)),
            Optional.of(START.plusSeconds(2)),
            newest.strategy(),
            newest.kind(),
            newest.spoke(),
            newest.before(),
            newest.limit());
    assertThat(audit.find(inSecondOne)).extracting(AuditedConflict::id).containsExactly(1L);
  }

  private List<Long> found(
      Optional<TableName> table,
      Optional<String> kind,
      Optional<String> strategy,
      Optional<SpokeId> spoke) {
    ConflictQuery query =
        new ConflictQuery(
            table,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            strategy,
            kind,
            spoke,
            Long.MAX_VALUE,
            10);
    return audit.find(query).stream().map(AuditedConflict::id).toList();
  }

  private static ConflictQuery with(
      ConflictQuery all, Optional<String> field, Optional<String> key) {
    return new ConflictQuery(
        all.table(),
        key,
        field,
        all.since(),
        all.until(),
        all.strategy(),
        all.kind(),
        all.spoke(),
        all.before(),
        all.limit());
  }

  private List<Long> ids() {
    return audit.find(ConflictQuery.newest(100)).stream().map(AuditedConflict::id).toList();
  }

  /** The database and its write-ahead log as they are on disk while the audit is still open. */
  private static Path filesAsAKillLeavesThem(Path life) throws IOException {
    Path image = Files.createDirectory(life.resolve("image"));
    try (Stream<Path> files = Files.list(life)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith("-shm")) {
          Files.copy(file, image.resolve(file.getFileName()));
        }
      }
    }
    return image;
  }
}
