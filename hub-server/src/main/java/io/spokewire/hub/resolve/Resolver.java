package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.RowResolution;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of each transaction of one channel, given all that came before it: finds the
 * concurrent writes, settles them field by field, and says what every spoke needs.
 *
 * <p>The algorithm keeps, per row in the window, the versions that later writes had not seen. A
 * write is concurrent with a sibling that its context does not hold. Whoever has seen a value may
 * overwrite it; rules break ties between siblings only. See {@code docs/causality.md} for why it
 * converges and misses nothing.
 *
 * <p>Pure but for the window it holds: no I/O, no clock, no threads; the same calls in the same
 * order give the same outcomes. Owned by one thread.
 *
 * <p>Almost every row meets nothing unseen. It costs one look-up and a copy into the window, and
 * has no {@link RowResolution}.
 */
public final class Resolver {
  /** What a transaction takes beside its rows: its mark, context and clock. */
  private static final long TRANSACTION_BYTES = 220;

  private final SchemaBook schemas;
  private final Map<TableName, TableWindow> tables = new HashMap<>();
  private final Map<SchemaId, Shape> shapes = new HashMap<>();
  private final ClockBook clocks = new ClockBook();

  /** Every version in the order of the log, so that the frontier finds what it passes. */
  private final ArrayDeque<Version> inOrder = new ArrayDeque<>();

  private long markBytes; // what the transactions take of which there are versions in order

  private final CrossRows crossRows;
  private Map<TableName, Constraints> constraints = Map.of();

  private final ColdRows cold;
  private final RowWindowCodec codec;
  private final long memory;
  private final WindowMemory held = new WindowMemory();

  // Of what is cold: how many rows, their last position, and how far back a rebuild needs the log.
  private long coldRows;
  private long coldThrough;
  private long coldNeed = Long.MAX_VALUE;

  private RuleBook rules;
  private @Nullable Position log; // any position of it
  private long frontier;
  private long lastNoted;

  /** A resolver whose whole window is in memory. */
  public Resolver(SchemaBook schemas, RuleBook rules) {
    this(schemas, rules, ColdRows.NONE, Long.MAX_VALUE);
  }

  /**
   * @param cold where rows go that were not written for long, once the window is too large; what is
   *     there is forgotten
   * @param memory about how many bytes of memory the window may take
   */
  public Resolver(SchemaBook schemas, RuleBook rules, ColdRows cold, long memory) {
    this.schemas = schemas;
    this.rules = rules;
    this.cold = cold;
    this.memory = memory;
    this.codec = new RowWindowCodec(this::shape);
    this.crossRows =
        new CrossRows(
            tables,
            this::find,
            table -> this.rules.rulesFor(table),
            shape -> schemas.get(shape).table());
    cold.clear();
  }

  /** From the next transaction on, these rules settle. */
  public void rules(RuleBook newRules) {
    this.rules = newRules;
    shapes.clear();
  }

  /** From now on collisions between rows are found that these constraints forbid. */
  public void obey(Map<TableName, Constraints> all) {
    Map<TableName, Constraints> before = constraints;
    constraints = Map.copyOf(all);
    tables.forEach(
        (name, table) -> {
          Constraints now = all.getOrDefault(name, Constraints.NONE);
          if (!now.equals(before.getOrDefault(name, Constraints.NONE))) {
            table.obey(now);
          }
        });
  }

  /**
   * Whether a transaction can collide with rows that it did not write.
   *
   * @param changesKeys whether it changes the key of any row
   */
  public boolean looksAcrossRows(boolean changesKeys) {
    return changesKeys || !constraints.isEmpty();
  }

  /**
   * What a transaction collides with in rows of others that must give way. Nothing has entered the
   * window yet; the hub's writes come first, then the transaction.
   *
   * @param next the position of whatever comes next
   */
  public Crossings crossingsBefore(Transaction header, Position next, RowBlock rows) {
    return crossings(rows, crossRows.pass(markOf(header, next), false));
  }

  /**
   * What the transaction, which has entered the window, collides with still; the hub's writes
   * follow it.
   */
  public Crossings crossingsAfter(Transaction header, Position position, RowBlock rows) {
    return crossings(rows, crossRows.pass(markOf(header, position), true));
  }

  private Crossings crossings(RowBlock rows, CrossRows.Pass pass) {
    for (RowChange change : rows) {
      writesOf(change).forEach(pass::look);
      if (change instanceof RowChange.Truncate && shape(change.schema()).schema.hasKey()) {
        pass.look(new Truncation(pass.mark(), shape(change.schema())));
      }
    }
    List<Collision> found = pass.found();
    return found.isEmpty() ? Crossings.NONE : new Crossings(found, clocks, rules.version());
  }

  /**
   * What mends a row that a database refuses, if it is refused for what concurrent writes came to
   * together.
   */
  public Optional<Mend> mend(TableName table, RowKey key) {
    TableWindow rows = tables.get(table);
    RowWindow row = rows == null ? null : find(rows, key);
    Unmerging merge = row == null ? null : Unmerging.of(row);
    if (merge == null) {
      return Optional.empty();
    }
    Crossings found = new Crossings(merge.collisions(), clocks, rules.version());
    return found.writes().isEmpty()
        ? Optional.empty()
        : Optional.of(new Mend(found.writes(), found.conflicts(merge.arriving())));
  }

  /**
   * @param writes what the hub is to write
   * @param conflicts the records that go with it
   */
  public record Mend(List<RowChange> writes, List<ConflictRecord> conflicts) {}

  /** Why a change that the hub is asked to make can't be made, by what the window knows. */
  public Optional<String> obstacle(RowChange change) {
    return writesOf(change).stream().map(crossRows::obstacle).flatMap(Optional::stream).findFirst();
  }

  /**
   * Takes a transaction's rows, all at once or chunk after chunk.
   *
   * @param header the transaction; its own rows are not looked at
   * @param position the place it gets in the log; the same for all its chunks
   * @param rows the rows to decide on
   */
  public Resolution resolve(Transaction header, Position position, RowBlock rows) {
    Mark mark = mark(header, position);
    List<RowResolution> resolutions = new ArrayList<>();
    List<ConflictRecord> conflicts = new ArrayList<>();
    int index = 0;
    boolean changesKeys = false;
    for (RowChange change : rows) {
      List<RowWrite> writes = writesOf(change);
      changesKeys |= writes.size() == 2;
      int before = resolutions.size();
      int lastSettled = 0;
      for (int i = 0; i < writes.size(); i++) {
        Settlement settlement = settle(mark, writes.get(i));
        if (settlement != null) {
          lastSettled = i;
          resolutions.add(settlement.resolution(index));
          conflicts.addAll(settlement.conflicts(clocks, rules.version()));
        }
      }
      if (writes.size() == 2 && resolutions.size() == before + 1) {
        completeKeyChange(resolutions, index, writes, lastSettled);
      }
      if (change instanceof RowChange.Truncate truncate) {
        truncate(new Truncation(mark, shape(truncate.schema())), index, resolutions, conflicts);
      }
      index++;
    }
    coolIfLarge();
    return new Resolution(resolutions, conflicts, changesKeys);
  }

  /** Every row goes that its site had seen; the others get to know which ones stay. */
  private void truncate(
      Truncation truncation,
      int index,
      List<RowResolution> resolutions,
      List<ConflictRecord> conflicts) {
    TableSchema schema = truncation.shape().schema;
    if (!schema.hasKey()) {
      resolutions.add(RowResolution.withheld(index)); // no site could tell which rows stay
      return;
    }
    List<RowKey> survivors = new ArrayList<>();
    List<RowResolution> answered = new ArrayList<>();
    for (RowWindow row : allRows(truncation.shape().table)) {
      Settlement settlement = settle(truncation.mark(), truncation.of(row.key));
      if (settlement == null) {
        continue;
      }
      conflicts.addAll(settlement.conflicts(clocks, rules.version()));
      if (settlement.exists()) {
        survivors.add(row.key);
      }
      if (settlement.answersOrigin()) {
        answered.add(settlement.resolution(index));
      }
    }
    truncation.shape().table.note(truncation);
    RowChange forOthers = new RowChange.Truncate(schema.id(), survivors);
    resolutions.add(RowResolution.truncated(index, RowBlock.of(forOthers).bytes()));
    resolutions.addAll(answered);
  }

  /** Those in memory and those that were cold, in an order that the same rows always have. */
  private List<RowWindow> allRows(TableWindow table) {
    if (coldRows > 0) {
      cold.keys(table.name).forEach(key -> warm(table, key));
    }
    return table.inOrderOfKeys();
  }

  /**
   * The position after which the log is needed to put this entry's part of the window back: what
   * its writer had not seen may be the echo that later overwrites its write. A restart replays from
   * the lowest of these over all entries above the frontier (or from the frontier, if that is
   * lower), then advances to the frontier; the log is not trimmed beyond that place.
   */
  public static long needsFrom(LogEntry.Outcome entry) {
    return Math.min(entry.position().number() - 1, entry.transaction().context().lowest());
  }

  /** Puts an outcome of the log back into the window; nothing is decided anew. */
  public void replay(LogEntry.Outcome entry) {
    replay(entry, RowSet.EVERY);
  }

  /** The same for some of its rows. */
  public void replay(LogEntry.Outcome entry, RowSet only) {
    replay(
        mark(entry.transaction(), entry.position()),
        entry.transaction().rows(),
        entry.resolutions(),
        only);
  }

  /** Puts a part of a staged transaction back into the window. */
  public void replay(LogEntry.OutcomePart part, Transaction header, RowSet only) {
    replay(mark(header, part.position()), part.rows(), part.resolutions(), only);
  }

  /**
   * Forgets what nothing can be concurrent with any more.
   *
   * @param newFrontier the lowest context that any spoke which sends and receives has shown, in the
   *     order of its stream; never falls
   */
  public void advanceFrontier(long newFrontier) {
    if (newFrontier <= frontier) {
      return;
    }
    frontier = newFrontier;
    while (!inOrder.isEmpty() && inOrder.getFirst().number() <= frontier) {
      Version passed = inOrder.removeFirst();
      if (inOrder.isEmpty() || inOrder.getFirst().mark != passed.mark) {
        markBytes -= bytesOf(passed.mark);
      }
      RowWindow row = passed.row;
      if (row.prune(frontier)) {
        row.table.leave(row);
      }
    }
    tables.values().forEach(table -> table.forgetTruncations(frontier));
    clocks.forgetThrough(frontier);
    if (coldRows > 0 && coldThrough <= frontier) {
      cold.clear();
      coldRows = 0;
      coldNeed = Long.MAX_VALUE;
    }
  }

  /** The row, from memory or from where it lay cold; null if it is not in the window. */
  private @Nullable RowWindow find(TableWindow table, RowKey key) {
    RowWindow row = table.find(key);
    if (row == null && coldRows > 0) {
      row = warm(table, key);
    }
    return row == null && !table.truncations().isEmpty() ? enter(table, key) : row;
  }

  /** A row that was not in the window; what deleted all rows of its table deleted it too. */
  private RowWindow enter(TableWindow table, RowKey key) {
    RowWindow row = table.enter(key);
    for (Truncation truncation : table.truncations()) {
      add(truncation.on(row), RowWindow.LiveSiblings.NONE);
    }
    return row;
  }

  private @Nullable RowWindow warm(TableWindow table, RowKey key) {
    Bytes bytes = cold.take(table.name, key);
    if (bytes == null) {
      return null;
    }
    coldRows--;
    RowWindow row = table.enter(key);
    codec.decode(bytes, row, Objects.requireNonNull(log, "no row is cold before there is a log"));
    if (row.prune(frontier)) {
      table.leave(row);
      return null;
    }
    row.all().forEach(this::inOrder); // late, so it is forgotten a little late, which harms nothing
    return row;
  }

  private void coolIfLarge() {
    if (bytes() > memory && !inOrder.isEmpty()) {
      cool(memory - memory / 4);
    }
  }

  /** Moves rows out of memory, those first that were not written for longest. */
  private void cool(long target) {
    long recent = (inOrder.getFirst().number() + inOrder.getLast().number()) / 2;
    cool(target, recent);
    cool(target, Long.MAX_VALUE);
    inOrder.removeIf(version -> version.row.isEmpty());
    countMarks();
  }

  private void cool(long target, long through) {
    for (Version version : inOrder) {
      if (bytes() <= target) {
        return;
      }
      RowWindow row = version.row;
      if (row.isEmpty() || row.last() > through) {
        continue;
      }
      cold.put(row.table.name, row.key, codec.encode(row));
      coldRows++;
      coldThrough = Math.max(coldThrough, row.last());
      for (Version each : row.all()) {
        coldNeed = Math.min(coldNeed, each.mark.context().lowest());
      }
      row.clear();
      row.table.leave(row);
    }
  }

  private void countMarks() {
    markBytes = 0;
    Mark last = null;
    for (Version version : inOrder) {
      markBytes += version.mark == last ? 0 : bytesOf(version.mark);
      last = version.mark;
    }
  }

  /**
   * The position after which the log must be kept, so that {@link #needsFrom} of every entry in the
   * window is met. Walks the window: for trimming, not for every change.
   */
  public long neededFrom() {
    long lowest = frontier;
    for (Version version : inOrder) {
      lowest = Math.min(lowest, version.mark.context().lowest());
    }
    for (TableWindow table : tables.values()) {
      for (Truncation truncation : table.truncations()) {
        lowest = Math.min(lowest, truncation.mark().context().lowest());
      }
    }
    return Math.min(lowest, coldNeed);
  }

  /** The row as the window has it now, for tests that look inside; null if it is not there. */
  @Nullable RowWindow window(TableName table, RowKey key) {
    TableWindow rows = tables.get(table);
    return rows == null ? null : find(rows, key);
  }

  private static long bytesOf(Mark mark) {
    return TRANSACTION_BYTES + mark.context().exceptions().size() * Context.Unseen.MEMORY_BYTES;
  }

  /** How much is in the window now. */
  public WindowSize size() {
    return new WindowSize(
        tables.values().stream().mapToLong(TableWindow::rows).sum(),
        inOrder.size(),
        bytes(),
        coldRows);
  }

  /** About how much memory the window holds. Cheap: kept up to date with every version. */
  public long bytes() {
    return markBytes + held.bytes();
  }

  /**
   * What becomes of a block of rows; see {@link LogEntry.Outcome}.
   *
   * @param changesKeys whether any of them changes its key
   */
  public record Resolution(
      List<RowResolution> resolutions, List<ConflictRecord> conflicts, boolean changesKeys) {}

  /**
   * @param rows rows in memory that can still be in conflict
   * @param versions writes to them
   * @param bytes about how much memory both take
   * @param cold rows that memory had no room for, at most
   */
  public record WindowSize(long rows, long versions, long bytes, long cold) {}

  private Mark mark(Transaction header, Position position) {
    Mark mark = markOf(header, position);
    log = position;
    if (position.number() > lastNoted) {
      lastNoted = position.number();
      clocks.note(mark);
    }
    return mark;
  }

  static Mark markOf(Transaction header, Position position) {
    return new Mark(header.writer(), header.sequence(), position, header.context(), header.time());
  }

  private List<RowWrite> writesOf(RowChange change) {
    Shape shape = shape(change.schema());
    if (!shape.schema.hasKey()) {
      return List.of(); // inserts only, and no two of them can be the same row
    }
    return switch (change) {
      case RowChange.Insert c ->
          List.of(new RowWrite(RowWrite.Kind.INSERT, shape, c.key(), Tuple.NONE, c.after()));
      case RowChange.Update c ->
          List.of(new RowWrite(RowWrite.Kind.UPDATE, shape, c.key(), c.before(), c.after()));
      case RowChange.Delete c ->
          List.of(new RowWrite(RowWrite.Kind.DELETE, shape, c.key(), c.before(), Tuple.NONE));
      case RowChange.KeyChange c ->
          List.of(
              new RowWrite(
                  RowWrite.Kind.DELETE, shape, c.oldKey(), c.before(), Tuple.NONE, c.newKey()),
              new RowWrite(
                  RowWrite.Kind.INSERT, shape, c.newKey(), Tuple.NONE, c.after(), c.oldKey()));
      case RowChange.Truncate c -> List.of();
    };
  }

  /** Null when the write had seen everything: it goes to the others as it is. */
  private @Nullable Settlement settle(Mark mark, RowWrite write) {
    TableWindow table = write.shape.table;
    RowWindow row = find(table, write.key);
    boolean seesAll = row == null || row.isSeenBy(mark);
    if (row == null) {
      row = enter(table, write.key);
    }
    if (seesAll && !write.shape.addsUp && !mark.isOfHub() && !write.isPartOfGroup()) {
      passThrough(mark, row, write);
      return null;
    }
    Settlement settlement = Settlement.of(mark, row, write);
    if (settlement.changesNothing()) {
      passThrough(mark, row, write, settlement);
      return null;
    }
    add(settlement.version(), settlement);
    return settlement;
  }

  private void passThrough(Mark mark, RowWindow row, RowWrite write) {
    passThrough(mark, row, write, RowWindow.LiveSiblings.NONE);
  }

  private void passThrough(Mark mark, RowWindow row, RowWrite write, RowWindow.LiveSiblings live) {
    add(Settlement.unopposed(mark, row, write.detached()), live);
  }

  private void add(Version version, RowWindow.LiveSiblings live) {
    version.row.add(version, live);
    inOrder(version);
  }

  private void inOrder(Version version) {
    if (inOrder.isEmpty() || inOrder.getLast().mark != version.mark) {
      markBytes += bytesOf(version.mark);
    }
    inOrder.addLast(version);
  }

  /** Both halves of a key change have a resolution or none: with none it travels as one change. */
  private static void completeKeyChange(
      List<RowResolution> resolutions, int index, List<RowWrite> halves, int settled) {
    RowWrite missing = halves.get(1 - settled);
    int at = settled == 0 ? resolutions.size() : resolutions.size() - 1;
    resolutions.add(at, Settlement.asItIs(missing, index));
  }

  private void replay(Mark mark, RowBlock rows, List<RowResolution> resolutions, RowSet only) {
    Iterator<RowResolution> settled = resolutions.iterator();
    RowResolution next = settled.hasNext() ? settled.next() : null;
    int index = 0;
    for (RowChange change : rows) {
      for (RowWrite write : writesOf(change)) {
        boolean isSettled = next != null && next.row() == index;
        if (only.contains(write.shape.table.name, write.key)) {
          putBack(mark, write, isSettled ? next : null);
        }
        if (isSettled) {
          next = settled.hasNext() ? settled.next() : null;
        }
      }
      if (change instanceof RowChange.Truncate truncate) {
        List<RowResolution> own = new ArrayList<>();
        while (next != null && next.row() == index) {
          own.add(next);
          next = settled.hasNext() ? settled.next() : null;
        }
        putBack(new Truncation(mark, shape(truncate.schema())), own, only);
      }
      index++;
    }
    coolIfLarge();
  }

  private void putBack(Mark mark, RowWrite write, @Nullable RowResolution settled) {
    TableWindow table = write.shape.table;
    RowWindow found = find(table, write.key);
    RowWindow row = found == null ? enter(table, write.key) : found;
    if (settled == null) {
      passThrough(mark, row, write, Settlement.liveSiblings(mark, row, write));
    } else {
      Settlement logged = Settlement.logged(mark, row, write, settled, this::shape);
      add(logged.version(), logged);
    }
  }

  /**
   * @param settled the TRUNCATE's own, and those of rows that needed more
   */
  private void putBack(Truncation truncation, List<RowResolution> settled, RowSet only) {
    TableWindow table = truncation.shape().table;
    if (settled.getFirst().isWithheld()) {
      return;
    }
    Map<RowKey, RowResolution> answered = new HashMap<>();
    settled.stream().skip(1).forEach(of -> answered.put(keyOf(of.forOrigin()), of));
    for (RowWindow row : allRows(table)) {
      if (only.contains(table.name, row.key)) {
        putBack(truncation.mark(), truncation.of(row.key), answered.get(row.key));
      }
    }
    table.note(truncation);
  }

  private static RowKey keyOf(Bytes wholeRow) {
    return switch (new RowBlock(wholeRow, 1).iterator().next()) {
      case RowChange.Insert c -> c.key();
      case RowChange.Delete c -> c.key();
      case RowChange.KeyChange c -> c.newKey();
      case RowChange.Update c -> throw new IllegalArgumentException("no whole row");
      case RowChange.Truncate c -> throw new IllegalArgumentException("no row");
    };
  }

  private Shape shape(SchemaId id) {
    Shape shape = shapes.get(id);
    if (shape == null) {
      TableSchema schema = schemas.get(id);
      TableWindow table = tables.computeIfAbsent(schema.table(), this::newTable);
      shape = new Shape(schema, table, rules.rulesFor(schema.table()));
      shapes.put(id, shape);
    }
    return shape;
  }

  private TableWindow newTable(TableName name) {
    TableWindow table = new TableWindow(name, held);
    table.obey(constraints.getOrDefault(name, Constraints.NONE));
    return table;
  }
}
