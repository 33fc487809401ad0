package io.spokewire.deploy.bench;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.credential.Secret;
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
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.ConflictCounts.Dimension;
import io.spokewire.hub.audit.ConflictFilter;
import io.spokewire.hub.audit.ConflictQuery;
import io.spokewire.hub.audit.ConflictState;
import io.spokewire.hub.audit.PostgresPlace;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * {@code deploy/bench/run.sh audit}: fills an audit and asks it what {@code syncadm conflicts}
 * asks, on SQLite and on PostgreSQL.
 */
public final class AuditBench {
  private static final int RUN = 2_000;
  private static final int ASKED = 40;
  private static final int PAGE = 100;
  private static final Position LOG =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);
  private static final Instant START = Instant.parse("2026-08-01T00:00:00Z");
  private static final List<String> SITES =
      List.of("lisbon", "porto", "faro", "braga", "evora", "sines");
  private static final List<String> RULES = List.of("last_write_wins", "max", "priority_order");

  private final int conflicts;
  private final SchemaBook schemas = new SchemaBook();
  private final List<TableSchema> tables = new ArrayList<>();

  private AuditBench(int conflicts) {
    this.conflicts = conflicts;
    for (int t = 0; t < 20; t++) {
      List<Column> columns = new ArrayList<>();
      columns.add(new Column("id", LogicalType.INTEGER, "bigint", false));
      for (int c = 1; c < 10; c++) {
        columns.add(new Column("column_" + c, LogicalType.TEXT, "text", true));
      }
      TableSchema schema = TableSchema.of(new TableName("table_" + t), columns, List.of(0));
      schemas.add(schema);
      tables.add(schema);
    }
  }

  /**
   * @param args optionally {@code --conflicts N}
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 0 && !(args.length == 2 && args[0].equals("--conflicts"))) {
      System.err.println("run.sh: unknown options; see the head of deploy/bench/run.sh");
      System.exit(2);
    }
    AuditBench bench = new AuditBench(args.length == 0 ? 1_000_000 : Integer.parseInt(args[1]));
    Path directory = Files.createTempDirectory("spokewire-audit-bench");
    try (ConflictAudit sqlite = ConflictAudit.open(directory.resolve("audit.db"), bench.schemas)) {
      bench.run("SQLite", sqlite);
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
      }
    }
    try (EmbeddedPostgres server = EmbeddedPostgres.start(18, Map.of("shared_buffers", "128MB"));
        ConflictAudit postgres =
            ConflictAudit.open(
                new PostgresPlace(
                    "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres",
                    "postgres",
                    () -> new Secret("")),
                bench.schemas)) {
      bench.run("PostgreSQL 18", postgres);
    }
    System.exit(0);
  }

  private void run(String engine, ConflictAudit audit) {
    long start = System.nanoTime();
    List<LogEntry> run = new ArrayList<>();
    for (int i = 1; i <= conflicts; i++) {
      run.add(outcome(i));
      if (run.size() == RUN || i == conflicts) {
        audit.project(run);
        run.clear();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%n%s: %,d conflicts in %.0f s, %.1f thousand/s%n",
        engine, conflicts, seconds, conflicts / seconds / 1000);
    audit.prune(START, 1); // as the hub does now and then, with the engine's own housekeeping
    System.out.printf("%-52s %8s %8s %8s%n", "newest 100 of", "p50 ms", "p95 ms", "found");
    filters().forEach((name, filter) -> ask(name, audit, filter));
    System.out.printf("%-52s %8s %8s %8s%n", "counted", "p50 ms", "p95 ms", "rows");
    count(
        "all, by table, field, kind",
        audit,
        ConflictFilter.ANY,
        Dimension.TABLE,
        Dimension.FIELD,
        Dimension.KIND);
    count("all, by pair of spokes", audit, ConflictFilter.ANY, Dimension.SPOKES);
    count("all, by day", audit, ConflictFilter.ANY, Dimension.DAY);
    count("the last tenth, by hour", audit, since(conflicts * 9L / 10), Dimension.HOUR);
    count("one table, by field", audit, filter("table", "table_3"), Dimension.FIELD);
  }

  private Map<String, ConflictFilter> filters() {
    Map<String, ConflictFilter> filters = new LinkedHashMap<>();
    filters.put("all", ConflictFilter.ANY);
    filters.put("--table (1 in 20)", filter("table", "table_3"));
    filters.put("--key (about 10 rows)", filter("key", "777"));
    filters.put("--key as JSON", filter("key", "{\"id\": 777}"));
    filters.put("--field (1 in 9)", filter("field", "column_4"));
    filters.put("--strategy (1 in 3)", filter("strategy", "max"));
    filters.put("--strategy that nobody used", filter("strategy", "min"));
    filters.put("--kind (1 in 2)", filter("kind", "update_concurrent"));
    filters.put("--kind (1 in 10,000, all of them old)", filter("kind", "update_deleted"));
    filters.put("--spoke (1 in 3)", filter("spoke", "porto"));
    filters.put("--spoke that is nowhere", filter("spoke", "madrid"));
    filters.put("--state open (1 in 1,000)", filter("state", "open"));
    filters.put("--since (last hundredth)", since(conflicts * 99L / 100));
    filters.put("--until (first hundredth)", until(conflicts / 100));
    filters.put("--table and --until (first hundredth)", tableUntil(conflicts / 100));
    return filters;
  }

  private static void ask(String name, ConflictAudit audit, ConflictFilter filter) {
    double[] millis = new double[ASKED];
    int found = 0;
    for (int i = -3; i < ASKED; i++) {
      long start = System.nanoTime();
      found = audit.find(ConflictQuery.newest(filter, PAGE)).size();
      if (i >= 0) {
        millis[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    print(name, millis, found);
  }

  private static void count(
      String name, ConflictAudit audit, ConflictFilter filter, Dimension... by) {
    double[] millis = new double[5];
    int rows = 0;
    for (int i = -1; i < millis.length; i++) {
      long start = System.nanoTime();
      rows = audit.count(filter, List.of(by)).rows().size();
      if (i >= 0) {
        millis[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    print(name, millis, rows);
  }

  private static void print(String name, double[] millis, int found) {
    Arrays.sort(millis);
    System.out.printf(
        "  %-50s %8.1f %8.1f %8d%n",
        name, millis[millis.length / 2], millis[(millis.length * 95 - 1) / 100], found);
  }

  private static ConflictFilter filter(String part, String value) {
    Optional<String> text = Optional.of(value);
    Optional<String> none = Optional.empty();
    return new ConflictFilter(
        part.equals("table") ? text.map(TableName::new) : Optional.empty(),
        part.equals("key") ? text : none,
        part.equals("field") ? text : none,
        Optional.empty(),
        Optional.empty(),
        part.equals("strategy") ? text : none,
        part.equals("kind")
            ? text.map(kind -> ConflictKind.valueOf(kind.toUpperCase(Locale.ROOT)))
            : Optional.empty(),
        part.equals("spoke") ? text.map(SpokeId::new) : Optional.empty(),
        part.equals("state") ? Optional.of(ConflictState.OPEN) : Optional.empty());
  }

  private static ConflictFilter since(long number) {
    return within(Optional.empty(), Optional.of(time(number)), Optional.empty());
  }

  private static ConflictFilter until(long number) {
    return within(Optional.empty(), Optional.empty(), Optional.of(time(number)));
  }

  private static ConflictFilter tableUntil(long number) {
    return within(
        Optional.of(new TableName("table_3")), Optional.empty(), Optional.of(time(number)));
  }

  private static ConflictFilter within(
      Optional<TableName> table, Optional<Instant> since, Optional<Instant> until) {
    return new ConflictFilter(
        table,
        Optional.empty(),
        Optional.empty(),
        since,
        until,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Instant time(long number) {
    return START.plusSeconds(number * 8);
  }

  private LogEntry outcome(int i) {
    Transaction transaction =
        new Transaction(
            new Writer(site(i), Epoch.FIRST, ChannelId.MAIN),
            new Sequence(i),
            SourcePosition.NONE,
            HybridTime.of(time(i)),
            Context.through(LOG),
            ChainHash.START,
            RowBlock.EMPTY,
            0);
    return new LogEntry.Outcome(LOG.at(i), transaction, List.of(), List.of(conflict(i)));
  }

  private ConflictRecord conflict(int i) {
    TableSchema schema = tables.get(i % tables.size());
    RowKey key = new RowKey(tuple(Integer.toString(i % (conflicts / 10 + 1))));
    boolean old = i < conflicts / 2 && i % 5_000 == 0;
    ConflictKind kind =
        old
            ? ConflictKind.UPDATE_DELETED
            : i % 2 == 0 ? ConflictKind.UPDATE_CONCURRENT : ConflictKind.INSERT_EXISTS;
    ConflictWrite source = write(schema, key, i, site(i), "the value that arrived " + i);
    ConflictWrite target = write(schema, key, i - 1, site(i + 1), "the value it met " + i);
    return new ConflictRecord(
        schema.table(),
        schema.id(),
        key,
        "column_" + (1 + i % 9),
        kind,
        FieldImage.of(value("the value before " + i)),
        source,
        target,
        List.of(),
        RULES.get(i % RULES.size()),
        new PlanVersion(3),
        FieldImage.of(source.value()),
        i % 1_000 == 0);
  }

  private static ConflictWrite write(
      TableSchema schema, RowKey key, int i, SpokeId spoke, String value) {
    VectorClock clock = VectorClock.EMPTY;
    for (String site : SITES) {
      clock = clock.with(new SpokeId(site), new Sequence(i + 1_000L));
    }
    return new ConflictWrite(
        spoke,
        new Sequence(i + 1L),
        LOG.at(i),
        HybridTime.of(time(i)),
        clock,
        schema.id(),
        key,
        value(value),
        Tuple.NONE);
  }

  private static SpokeId site(int i) {
    return new SpokeId(SITES.get(i % SITES.size()));
  }

  private static Field value(String text) {
    return Field.ofValue(Bytes.utf8(text));
  }

  private static Bytes tuple(String value) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(Bytes.utf8(value));
    return sink.toBytes();
  }
}
