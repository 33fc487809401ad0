package io.spokewire.simulation;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model of a database: rows under row locks, a log in commit order that is flushed a little later
 * (others see a commit before it is flushed), read committed. A crash keeps what was flushed and no
 * more. Also keeps, as a database does with the agent's tables, the checkpoint and what is parked.
 */
final class SimulatedDatabase {
  private static final long FLUSH_MICROS = 15_000;

  /** One commit. {@code before} undoes it. */
  record LogRecord(
      long number,
      long micros,
      LocalCommit local,
      Bytes message,
      long appliedThrough,
      Aside aside,
      Before before) {}

  private record Before(Map<Tables.Key, RowState> rows, Position checkpoint, Aside aside) {}

  /** A copy of all there is at one moment. */
  record Backup(Map<Tables.Key, RowState> rows, Position checkpoint, Aside aside, int records) {}

  final World world;
  final String name;
  final VirtualClock clock;
  private final List<LogRecord> log = new ArrayList<>();
  private final Map<Tables.Key, Object> locks = new HashMap<>();
  private final List<LocalTransaction> open = new ArrayList<>();
  private Map<Tables.Key, RowState> rows = new TreeMap<>();
  private Position checkpoint; // null before the first apply
  private Aside aside = Aside.NOTHING;
  private long appliedThrough;
  private int flushed;
  private boolean up = true;
  private int era; // counts lives: connections of an earlier one are broken
  private boolean flushing;
  private final Map<Long, LogRecord> lost = new HashMap<>(); // commits, by a restore
  private int used; // numbers up to here are never used again
  private int restores;
  private Runnable onCommit = () -> {};

  SimulatedDatabase(World world, String name) {
    this.world = world;
    this.name = name;
    this.clock = new VirtualClock(world.schedule);
  }

  /** Told of everything that capture could read now. */
  void onCommit(Runnable told) {
    onCommit = told;
  }

  /** A row that is there from the beginning, as on every other site. */
  void begin(Tables.Key key, String[] values) {
    rows.put(key, RowState.of(key, values));
  }

  // ---- as connections see it

  int era() {
    return era;
  }

  boolean isUp() {
    return up;
  }

  void demandUp(int ofEra, String operation) {
    if (!up || ofEra != era) {
      throw lost(operation);
    }
  }

  static Fault lost(String operation) {
    return Fault.of(FaultKind.UNREACHABLE, operation, "the database is away")
        .healsByItself()
        .build();
  }

  RowState row(Tables.Key key) {
    RowState row = rows.get(key);
    return row == null ? RowState.missing(key) : row;
  }

  /** Rows that exist. */
  List<Tables.Key> existing() {
    return rows.entrySet().stream()
        .filter(e -> e.getValue().exists())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** What the rows hold, for comparing. */
  Map<String, String> content() {
    Map<String, String> content = new TreeMap<>();
    rows.forEach(
        (key, row) -> {
          if (row.exists()) {
            content.put(key.toString(), String.join("|", row.values()));
          }
        });
    return content;
  }

  Position checkpoint() {
    return checkpoint;
  }

  List<Parked> parked() {
    return aside.parked();
  }

  Aside aside() {
    return aside;
  }

  /** Every commit of the log, flushed or not. */
  List<LogRecord> log() {
    return log;
  }

  /** How many commits no crash can take away. */
  int flushed() {
    return flushed;
  }

  // ---- row locks

  Object holder(Tables.Key key) {
    return locks.get(key);
  }

  boolean tryLock(Tables.Key key, Object owner) {
    Object holder = locks.putIfAbsent(key, owner);
    return holder == null || holder == owner;
  }

  void unlockAll(Object owner) {
    locks.values().removeIf(holder -> holder == owner);
  }

  List<LocalTransaction> open() {
    return open;
  }

  // ---- commits

  void commit(Map<Tables.Key, RowState> changed, LocalCommit local) {
    append(changed, local, null, checkpoint, aside, appliedThrough);
    world.trace.detail(name, () -> "commits " + local.label() + " as " + log.size());
    flushSoon();
  }

  /** What an agent applied, with its marker; durable at the return. */
  void commitApplied(
      Map<Tables.Key, RowState> changed, Bytes marker, Position newCheckpoint, Aside left) {
    long through = newCheckpoint == null ? appliedThrough : newCheckpoint.number();
    append(changed, null, marker, newCheckpoint, left, through);
  }

  /** A sealed message alone. */
  void commitMessage(Bytes message) {
    append(Map.of(), null, message, checkpoint, aside, appliedThrough);
    flushSoon();
  }

  private void append(
      Map<Tables.Key, RowState> changed,
      LocalCommit local,
      Bytes message,
      Position newCheckpoint,
      Aside left,
      long through) {
    while (log.size() < used) {
      log.add(gap());
    }
    Map<Tables.Key, RowState> previous = new TreeMap<>();
    changed.keySet().forEach(key -> previous.put(key, rows.get(key)));
    log.add(
        new LogRecord(
            log.size() + 1L,
            clock.epochMicros(),
            local,
            message,
            through,
            left,
            new Before(previous, checkpoint, aside)));
    rows.putAll(changed);
    checkpoint = newCheckpoint;
    aside = left;
    appliedThrough = through;
  }

  /** A place of the log that held something once, before a restore. */
  private LogRecord gap() {
    return new LogRecord(
        log.size() + 1L,
        clock.epochMicros(),
        null,
        null,
        appliedThrough,
        aside,
        new Before(Map.of(), checkpoint, aside));
  }

  void flush() {
    if (flushed < log.size()) {
      flushed = log.size();
      onCommit.run();
    }
  }

  private void flushSoon() {
    if (!flushing) {
      flushing = true;
      int now = era;
      world.schedule.after(
          world.random.nextLong(FLUSH_MICROS),
          () -> {
            flushing = false;
            if (now == era && up) {
              flush();
            }
          });
    }
  }

  // ---- what befalls it

  /** Everything that was not flushed is gone, and so is every connection. */
  void crash() {
    world.trace.note(name, "database crashes, losing " + (log.size() - flushed) + " commits");
    while (log.size() > flushed) {
      undo(log.removeLast());
    }
    breakConnections();
    up = false;
  }

  void start() {
    up = true;
    onCommit.run();
  }

  private void undo(LogRecord record) {
    record
        .before()
        .rows()
        .forEach(
            (key, before) -> {
              if (before == null) {
                rows.remove(key);
              } else {
                rows.put(key, before);
              }
            });
    checkpoint = record.before().checkpoint();
    aside = record.before().aside();
    appliedThrough = log.isEmpty() ? 0 : log.getLast().appliedThrough();
  }

  private void breakConnections() {
    era++;
    flushing = false;
    List.copyOf(open).forEach(LocalTransaction::abort);
    locks.clear();
  }

  /** Of what is flushed, as every backup is. */
  Backup backup() {
    flush();
    return new Backup(new TreeMap<>(rows), checkpoint, aside, log.size());
  }

  /** Everything is as it was when the backup was made; what came after never happened. */
  void restore(Backup backup) {
    world.trace.note(
        name, "restored from a backup, losing " + (log.size() - backup.records()) + " commits");
    breakConnections();
    restores++;
    used = Math.max(used, log.size());
    while (log.size() > backup.records()) {
      LogRecord record = log.removeLast();
      if (record.local() != null) {
        lost.put(record.number(), record);
      }
    }
    flushed = log.size();
    rows = new TreeMap<>(backup.rows());
    checkpoint = backup.checkpoint();
    aside = backup.aside();
    appliedThrough = log.isEmpty() ? 0 : log.getLast().appliedThrough();
  }

  /** How often that happened. */
  int restores() {
    return restores;
  }

  /** The commit that had this number, in whichever life of the database; null if none had. */
  LogRecord record(long number) {
    LogRecord gone = lost.get(number);
    if (gone != null) {
      return gone;
    }
    return number < 1 || number > log.size() ? null : log.get((int) number - 1);
  }

  /** Users' commits that the database has lost. */
  List<LocalCommit> lost() {
    return lost.values().stream().map(LogRecord::local).toList();
  }
}
