package io.spokewire.simulation;

import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.simulation.LocalCommit.Write;
import io.spokewire.simulation.Tables.Key;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What truly happened: for every field of every row the writes that led to it, own overwritten ones
 * told apart. Each entry of the hub's log is judged against it as soon as it is durable.
 */
final class History {
  /** What an outcome of the log had written, and all that each field had seen by then. */
  record Logged(long position, LogEntry.Outcome outcome, LocalCommit commit, Map<Key, Row> rows) {}

  /**
   * @param wrote the fields it wrote
   * @param seen by field, the log's whole history
   */
  record Row(Set<Integer> wrote, BitSet[] seen) {}

  /** A write that no later one had seen. */
  record Sibling(int dot, long position, String spoke, long sequence, Write write) {}

  private record Cell(Key key, int field) {}

  private final World world;
  private final Map<Long, Logged> log = new HashMap<>();
  private final Map<Key, BitSet[]> atHub = new HashMap<>();
  private final Map<Cell, List<Sibling>> siblings = new HashMap<>();
  private final Map<LocalCommit, Long> places = new IdentityHashMap<>();
  private final Map<Key, Long> sums = new TreeMap<>();
  private final KeyMoves keyMoves = new KeyMoves();
  private final SchemaBook schemas = new SchemaBook();
  private final Findings findings;
  private final List<LogWatcher> watchers = new ArrayList<>();
  private final Map<Writer, Long> shown = new HashMap<>();
  private int dots;
  private long head;

  /** Sees every entry of the log once, in order, when it is durable. */
  interface LogWatcher {
    void logged(LogEntry entry);
  }

  History(World world) {
    this.world = world;
    this.findings = new Findings(world);
    schemas.addAll(Tables.ALL);
  }

  void watch(LogWatcher watcher) {
    watchers.add(watcher);
  }

  Findings findings() {
    return findings;
  }

  int newDot() {
    return dots++;
  }

  Logged at(long position) {
    return log.get(position);
  }

  long head() {
    return head;
  }

  /** What the hub durably knows that the writer's database had applied; 0 if nothing. */
  long shown(Writer writer) {
    return shown.getOrDefault(writer, 0L);
  }

  /** All that each field of a row had seen by a position; null if nobody had written it. */
  BitSet[] seenBy(Key key, long position) {
    for (long at = position; at > 0; at--) {
      Logged logged = log.get(at);
      if (logged != null && logged.rows().containsKey(key)) {
        return logged.rows().get(key).seen();
      }
    }
    return null;
  }

  /** A row that was there before the first entry. */
  void begin(Key key, String[] values) {
    sums.put(key, sumOf(key, values));
  }

  // ---- the log

  void logged(LogEntry entry) {
    if (!(entry instanceof LogEntry.OutcomePart)) {
      take(entry);
    }
    watchers.forEach(w -> w.logged(entry));
  }

  private void take(LogEntry entry) {
    long number = entry.position().number();
    if (number != head + 1) {
      world.verdict.violation("log", number + " after " + head);
    }
    head = number;
    if (entry instanceof LogEntry.Outcome outcome) {
      LocalCommit commit = isOfHub(outcome) ? commitOfHub(outcome) : commitOfSite(outcome);
      if (commit != null) {
        take(outcome, commit);
      }
    }
  }

  private void take(LogEntry.Outcome outcome, LocalCommit commit) {
    String spoke = outcome.transaction().writer().spoke().toString();
    world.trace.detail(
        "log",
        () ->
            "%s of %s having seen %s: %s became %s"
                .formatted(
                    outcome.position(),
                    spoke,
                    outcome.transaction().context(),
                    Readable.of(commit.rows()),
                    Readable.of(outcome.resolutions())));
    add(commit);
    judge(outcome, commit);
    remember(outcome, commit, spoke);
    moves(commit).forEach(move -> keyMoves.add(move, outcome.transaction().writer()));
  }

  /** What a site's users committed; null if it is not known. */
  private LocalCommit commitOfSite(LogEntry.Outcome outcome) {
    long position = outcome.position().number();
    Writer writer = outcome.transaction().writer();
    SimulatedDatabase.LogRecord record = recordOf(outcome);
    if (record == null || record.local() == null) {
      world.verdict.violation(
          "leak", "position " + position + " is of no commit of " + writer.spoke());
      return null;
    }
    LocalCommit commit = record.local();
    Long before = places.putIfAbsent(commit, position);
    if (before != null) {
      world.verdict.violation("once", commit.label() + " is at " + before + " and " + position);
    }
    world.counts.logged++;
    checkContext(outcome, record);
    shown.merge(writer, outcome.transaction().context().low().number(), Math::max);
    return commit;
  }

  private List<KeyMoves.Move> moves(LocalCommit commit) {
    List<KeyMoves.Move> moves = new ArrayList<>();
    for (RowChange change : commit.rows()) {
      if (change instanceof RowChange.KeyChange c) {
        Key from = keyOf(c.schema(), c.oldKey());
        BitSet seen = commit.writes().get(from).get(RowState.existence(from)).seen();
        moves.add(new KeyMoves.Move(from, keyOf(c.schema(), c.newKey()), commit.dot(), seen));
      }
    }
    return moves;
  }

  /** Rows that truly are there under two new keys, to which nobody has written since. */
  List<String> rowsTwice() {
    return keyMoves.unsettled(
        (key, dot) -> {
          List<Sibling> last = siblings.get(new Cell(key, RowState.existence(key)));
          return last.size() == 1
              && last.getFirst().dot() == dot
              && last.getFirst().write().last().equals("t");
        });
  }

  // ---- the hub's own writes

  static boolean isOfHub(LogEntry.Outcome outcome) {
    return outcome.transaction().writer().spoke().equals(SpokeId.HUB);
  }

  /** The hub has seen all that is logged before what it writes itself, and says so. */
  private LocalCommit commitOfHub(LogEntry.Outcome outcome) {
    Context context = outcome.transaction().context();
    boolean seesAll = context.low().number() == outcome.position().number() - 1;
    if (!seesAll || !context.exceptions().isEmpty()) {
      world.verdict.violation(
          "context", "the hub has seen " + context + " at " + outcome.position());
    }
    int dot = newDot();
    Map<Key, Map<Integer, Write>> writes = new TreeMap<>();
    for (RowChange change : outcome.transaction().rows()) {
      switch (change) {
        case RowChange.Insert c -> note(writes, keyOf(c.schema(), c.key()), c.after(), "t");
        case RowChange.Update c -> note(writes, keyOf(c.schema(), c.key()), c.after(), "t");
        case RowChange.Delete c -> noteDeletion(writes, keyOf(c.schema(), c.key()));
        case RowChange.KeyChange c -> throw new AssertionError(c);
        case RowChange.Truncate c -> throw new AssertionError(c);
      }
    }
    return new LocalCommit(dot, "hub-" + dot, outcome.transaction().rows(), writes);
  }

  private void note(Map<Key, Map<Integer, Write>> writes, Key key, Tuple after, String exists) {
    String[] values = Tables.patched(blank(key), after);
    for (int i = 1; i < values.length; i++) {
      if (values[i] != null) {
        LocalCommit.note(writes, key, i, seenByAll(key, i), values[i]);
      }
    }
    int existence = RowState.existence(key);
    LocalCommit.note(writes, key, existence, seenByAll(key, existence), exists);
  }

  private void noteDeletion(Map<Key, Map<Integer, Write>> writes, Key key) {
    for (int i = 1; i < key.table().columns().size(); i++) {
      LocalCommit.note(writes, key, i, seenByAll(key, i), null);
    }
    int existence = RowState.existence(key);
    LocalCommit.note(writes, key, existence, seenByAll(key, existence), "f");
  }

  /** All that was ever logged of a field. */
  private BitSet seenByAll(Key key, int field) {
    return atHub.getOrDefault(key, RowState.missing(key).seen())[field];
  }

  // ---- what was concurrent

  private SimulatedDatabase.LogRecord recordOf(LogEntry.Outcome outcome) {
    Site site = world.siteOf(outcome.transaction().writer());
    if (site == null) {
      return null;
    }
    long number = world.mutations.trueNumber(outcome.transaction().sourcePosition());
    return site.database().record(number);
  }

  /** The context says exactly what the database had applied when the transaction committed. */
  private void checkContext(LogEntry.Outcome outcome, SimulatedDatabase.LogRecord record) {
    long claimed = outcome.transaction().context().low().number();
    long start = world.siteOf(outcome.transaction().writer()).startsAfter();
    if (claimed != Math.max(start, record.appliedThrough())) {
      world.verdict.violation(
          "context",
          outcome.position() + " claims " + claimed + ", applied was " + record.appliedThrough());
    }
    if (outcome.transaction().context().exceptions().size() != record.aside().exceptions()) {
      world.verdict.violation("context", "exceptions at " + outcome.position());
    }
  }

  private void judge(LogEntry.Outcome outcome, LocalCommit commit) {
    findings.begin(outcome);
    moves(commit)
        .forEach(
            move -> findings.judge(move, keyMoves.rivals(move, outcome.transaction().writer())));
    long forgotten = isOfHub(outcome) ? 0 : forgottenBy(outcome.transaction().writer());
    commit
        .writes()
        .forEach(
            (key, fields) ->
                fields.forEach(
                    (field, write) -> {
                      List<Sibling> concurrent =
                          concurrent(new Cell(key, field), write).stream()
                              .filter(s -> s.position() > forgotten)
                              .toList();
                      findings.judge(key, field, write, concurrent);
                    }));
    findings.end();
  }

  /** The window does not wait for who sees nothing: what it has forgotten is not met by him. */
  private long forgottenBy(Writer writer) {
    return world.siteOf(writer).direction().receives() ? 0 : world.hub().frontier();
  }

  private List<Sibling> concurrent(Cell cell, Write write) {
    return siblings.getOrDefault(cell, List.of()).stream()
        .filter(s -> !write.seen().get(s.dot()))
        .toList();
  }

  private void remember(LogEntry.Outcome outcome, LocalCommit commit, String spoke) {
    long position = outcome.position().number();
    long sequence = outcome.transaction().sequence().number();
    Map<Key, Row> rows = new TreeMap<>();
    commit
        .writes()
        .forEach(
            (key, fields) -> {
              BitSet[] seen = atHub.getOrDefault(key, RowState.missing(key).seen()).clone();
              fields.forEach(
                  (field, write) -> {
                    Cell cell = new Cell(key, field);
                    List<Sibling> left = new ArrayList<>(concurrent(cell, write));
                    left.add(new Sibling(commit.dot(), position, spoke, sequence, write));
                    siblings.put(cell, left);
                    seen[field] =
                        RowState.plus(RowState.union(seen[field], write.seen()), commit.dot());
                  });
              atHub.put(key, seen);
              rows.put(key, new Row(fields.keySet(), seen));
            });
    log.put(position, new Logged(position, outcome, commit, rows));
  }

  // ---- sums

  private void add(LocalCommit commit) {
    for (RowChange change : commit.rows()) {
      switch (change) {
        case RowChange.Insert c -> {
          Key key = keyOf(c.schema(), c.key());
          boolean first = !atHub.containsKey(key) && !sums.containsKey(key);
          sums.put(key, first ? sumOf(key, Tables.patched(blank(key), c.after())) : null);
        }
        case RowChange.Delete c -> sums.put(keyOf(c.schema(), c.key()), null);
        case RowChange.Update c -> {
          Key key = keyOf(c.schema(), c.key());
          Long before = sums.get(key);
          String[] was = Tables.patched(blank(key), c.before());
          if (before != null && was[sumColumn(key)] != null) {
            sums.put(
                key, before + sumOf(key, Tables.patched(blank(key), c.after())) - sumOf(key, was));
          }
        }
        case RowChange.KeyChange c -> {
          sums.put(keyOf(c.schema(), c.oldKey()), null);
          sums.put(keyOf(c.schema(), c.newKey()), null);
        }
        case RowChange.Truncate c -> throw new AssertionError(c);
      }
    }
  }

  /** By row: what its adding column must hold; null where that has no one answer. */
  Map<Key, Long> sums() {
    return sums;
  }

  static int sumColumn(Key key) {
    return Tables.column(key.table(), key.table() == Tables.STOCK ? "quantity" : "amount");
  }

  private static long sumOf(Key key, String[] values) {
    return Long.parseLong(values[sumColumn(key)]);
  }

  private static String[] blank(Key key) {
    return new String[key.table().columns().size()];
  }

  private Key keyOf(SchemaId schema, RowKey key) {
    return Tables.key(Tables.of(schemas.get(schema).table()), key);
  }

  // ---- what the hub holds

  /** Where a commit is in the hub's log; 0 if it is not. */
  long placeOf(LocalCommit commit) {
    return places.getOrDefault(commit, 0L);
  }

  /** I8: a database is told to forget only what the hub holds. */
  void confirmed(Site site, long from, long to) {
    List<SimulatedDatabase.LogRecord> records = site.database().log();
    for (long number = from + 1; number <= Math.min(to, records.size()); number++) {
      LocalCommit local = records.get((int) number - 1).local();
      if (local != null && placeOf(local) == 0) {
        world.verdict.violation(
            "I8", site.name() + " may forget " + local.label() + ", which nobody holds");
      }
    }
  }
}
