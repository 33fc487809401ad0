package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
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
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.Router;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Sites that truncate one table while the others write to it, around the production {@link
 * Resolver} and {@link Router}, on one thread from one seed.
 *
 * <p>A row's only field holds the lineage of its writes, so that at the end every write can be
 * asked for: it is in the row, or in the audit, or somebody who had it deleted it.
 */
final class TruncatingSites {
  private static final TableName TABLE = new TableName("t");
  private static final TableSchema SCHEMA =
      TableSchema.of(
          TABLE,
          List.of(
              new Column("id", LogicalType.INTEGER, "integer", false),
              new Column("a", LogicalType.TEXT, "text", true)),
          List.of(0));
  private static final Position START =
      new Position(new LogIncarnation(new UUID(7, 7)), ChannelId.MAIN, 0);
  private static final int ROWS = 4;
  private static final long CRAMPED_BYTES = 2_000;

  private final Random random;
  private final double deletes;
  private final SchemaBook schemas = new SchemaBook();
  private final RuleBook rules;
  private final Router router = new Router();
  private final ColdRowsInMemory cold = new ColdRowsInMemory();
  private final List<Site> sites = new ArrayList<>();
  private final List<LogEntry.Outcome> log = new ArrayList<>();
  private Resolver resolver;
  private Resolver cramped;
  private long frontier;

  /** By row: the inserts of it that no TRUNCATE or delete has seen. */
  private final Map<Integer, Set<String>> unseenInserts = new TreeMap<>();

  private final Set<String> written = new HashSet<>();
  private final Set<String> deletedBySomebodyWhoHadThem = new HashSet<>();
  private final Set<String> audited = new HashSet<>();
  int truncates;
  int recorded;

  TruncatingSites(long seed, DeletePolicy policy, double deletes) {
    this.random = new Random(seed * 7919 + 3);
    this.deletes = deletes;
    schemas.add(SCHEMA);
    TableRules table = TableRules.of(new LastWriteWins("last_write_wins"), Map.of(), policy);
    rules = RuleBook.of(new PlanVersion(1), t -> table);
    rebuild();
    for (int i = 0; i < 3; i++) {
      sites.add(new Site(new SpokeId("s" + i)));
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      Site site = sites.get(random.nextInt(sites.size()));
      switch (random.nextInt(20)) {
        case 0 -> site.truncate();
        case 1, 2, 3, 4, 5, 6 -> site.write();
        case 7, 8, 9, 10, 11 -> receive(site);
        case 12 -> forget();
        case 13 -> rebuild();
        default -> site.applyNext();
      }
    }
    for (boolean busy = true; busy; ) {
      busy = false;
      for (Site site : sites) {
        busy |= receive(site) | site.applyNext();
      }
    }
  }

  boolean converged() {
    return sites.stream().allMatch(s -> s.rows.equals(sites.getFirst().rows));
  }

  /** Rows that are there or not there against what their sites meant; only without deletes. */
  List<Integer> wronglyThereOrGone() {
    List<Integer> wrong = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      boolean shouldBe = !unseenInserts.getOrDefault(row, Set.of()).isEmpty();
      if (shouldBe != sites.getFirst().rows.containsKey(row)) {
        wrong.add(row);
      }
    }
    return wrong;
  }

  /** Writes of which nothing is left anywhere. */
  Set<String> lost() {
    Set<String> lost = new HashSet<>(written);
    lost.removeAll(deletedBySomebodyWhoHadThem);
    lost.removeAll(audited);
    sites.getFirst().rows.values().forEach(lineage -> lost.removeAll(dots(lineage)));
    return lost;
  }

  private boolean receive(Site site) {
    if (site.sent == site.outbox.size()) {
      return false;
    }
    Transaction transaction = site.outbox.get(site.sent++);
    site.shown = Math.max(site.shown, transaction.context().low().number());
    Position position = START.at(log.size() + 1L);
    Resolver.Resolution resolution = resolver.resolve(transaction, position, transaction.rows());
    Resolver.Resolution fromCold = cramped.resolve(transaction, position, transaction.rows());
    if (!fromCold.equals(resolution)) {
      throw new AssertionError("cold rows change it: " + fromCold + ", not " + resolution);
    }
    resolution.conflicts().forEach(this::audit);
    log.add(
        new LogEntry.Outcome(
            position, transaction, resolution.resolutions(), resolution.conflicts()));
    return true;
  }

  private void audit(ConflictRecord record) {
    recorded += record.kind() == ConflictKind.TRUNCATE_CONCURRENT ? 1 : 0;
    for (ConflictWrite write : record.siblings()) {
      audited.addAll(dots(lineage(write.row())));
      if (record.field().equals("a") && write.value().isPresent()) {
        audited.addAll(dots(write.value().value().toUtf8()));
      }
    }
  }

  private void forget() {
    frontier = Math.max(frontier, sites.stream().mapToLong(s -> s.shown).min().orElseThrow());
    resolver.advanceFrontier(frontier);
    cramped.advanceFrontier(frontier);
  }

  /** The hub dies and builds its window again from the log. */
  private void rebuild() {
    resolver = new Resolver(schemas, rules);
    cramped = new Resolver(schemas, rules, cold, CRAMPED_BYTES);
    List<LogEntry.Outcome> above =
        log.stream().filter(o -> o.position().number() > frontier).toList();
    RowSet recent = new RowSet();
    above.forEach(o -> recent.addAll(o.transaction().rows(), schemas));
    long from = above.stream().mapToLong(Resolver::needsFrom).reduce(frontier, Math::min);
    for (LogEntry.Outcome outcome : log) {
      if (outcome.position().number() > from) {
        resolver.replay(outcome, recent);
        cramped.replay(outcome, recent);
      }
    }
    resolver.advanceFrontier(frontier);
    cramped.advanceFrontier(frontier);
  }

  private final class Site {
    private final Writer writer;
    private final Map<Integer, String> rows = new TreeMap<>();
    private final List<Transaction> outbox = new ArrayList<>();
    private int sent;
    private int applied;
    private long shown;

    Site(SpokeId id) {
      this.writer = new Writer(id, Epoch.FIRST, ChannelId.MAIN);
    }

    void write() {
      int row = random.nextInt(ROWS);
      RowBlockWriter block = new RowBlockWriter();
      if (!rows.containsKey(row)) {
        insert(row, block);
      } else if (random.nextDouble() < deletes) {
        String before = rows.remove(row);
        deletedBySomebodyWhoHadThem.addAll(dots(before));
        block.put(new RowChange.Delete(SCHEMA.id(), key(row), tuple(row, before)));
      } else {
        String before = rows.get(row);
        String after = before + "," + dot(0);
        written.add(dot(0));
        rows.put(row, after);
        block.put(new RowChange.Update(SCHEMA.id(), key(row), only(before), only(after)));
      }
      commit(block);
    }

    /** Sometimes with new rows in the same transaction, as who loads a table anew does. */
    void truncate() {
      truncates++;
      RowBlockWriter block = new RowBlockWriter();
      rows.values().forEach(lineage -> deletedBySomebodyWhoHadThem.addAll(dots(lineage)));
      unseenInserts.values().forEach(inserts -> inserts.removeIf(this::has));
      rows.clear();
      block.put(new RowChange.Truncate(SCHEMA.id()));
      for (int i = random.nextInt(3); i > 0; i--) {
        int row = random.nextInt(ROWS);
        if (!rows.containsKey(row)) {
          insert(row, block);
        }
      }
      commit(block);
    }

    private void insert(int row, RowBlockWriter block) {
      String dot = dot(row);
      written.add(dot);
      unseenInserts.computeIfAbsent(row, r -> new HashSet<>()).add(dot);
      rows.put(row, dot);
      block.put(new RowChange.Insert(SCHEMA.id(), key(row), tuple(row, dot)));
    }

    /** Whether the insert was made here or has arrived here. */
    private boolean has(String dot) {
      String[] parts = dot.split("-");
      SpokeId origin = new SpokeId(parts[0]);
      long sequence = Long.parseLong(parts[1]);
      return origin.equals(writer.spoke())
          || log.subList(0, applied).stream()
              .map(LogEntry.Outcome::transaction)
              .anyMatch(
                  t -> t.writer().spoke().equals(origin) && t.sequence().number() == sequence);
    }

    private String dot(int row) {
      return writer.spoke() + "-" + (outbox.size() + 1) + "-" + row;
    }

    private void commit(RowBlockWriter block) {
      outbox.add(
          new Transaction(
              writer,
              new Sequence(outbox.size() + 1L),
              SourcePosition.NONE,
              new HybridTime(random.nextInt(1000), 0),
              Context.through(START.at(applied)),
              ChainHash.START,
              block.toBlock(),
              0));
    }

    boolean applyNext() {
      if (applied == log.size()) {
        return false;
      }
      for (RowChange change : router.rowsFor(writer, log.get(applied++))) {
        switch (change) {
          case RowChange.Insert c -> rows.put(row(c.key()), lineage(c.after()));
          case RowChange.Update c ->
              rows.computeIfPresent(row(c.key()), (row, now) -> lineage(c.after()));
          case RowChange.Delete c -> rows.remove(row(c.key()));
          case RowChange.Truncate c ->
              rows.keySet().removeIf(row -> !c.survivors().contains(key(row)));
          case RowChange.KeyChange c -> throw new AssertionError(c);
        }
      }
      return true;
    }
  }

  private static Set<String> dots(String lineage) {
    return lineage.isEmpty() ? Set.of() : Set.of(lineage.split(","));
  }

  private static RowKey key(int row) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(Bytes.utf8(String.valueOf(row)));
    return new RowKey(sink.toBytes());
  }

  private static int row(RowKey key) {
    TupleReader reader = key.asTuple().reader();
    reader.next();
    return Integer.parseInt(reader.value().toUtf8());
  }

  private static Tuple tuple(int row, String lineage) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(Bytes.utf8(String.valueOf(row))).putValue(Bytes.utf8(lineage));
    return new Tuple(sink.toBytes());
  }

  private static Tuple only(String lineage) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    writer.putUnchanged();
    writer.put(Field.ofValue(Bytes.utf8(lineage)));
    return new Tuple(sink.toBytes());
  }

  private static String lineage(Tuple tuple) {
    TupleReader reader = tuple.reader();
    String lineage = "";
    while (reader.next()) {
      if (reader.ordinal() == 1 && reader.tag() == FieldTag.VALUE) {
        lineage = reader.value().toUtf8();
      }
    }
    return lineage;
  }
}
