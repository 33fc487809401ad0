package io.spokewire.simulation;

import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.ParkReason;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.clock.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.simulation.Tables.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A transaction in which an agent applies what the hub sent, row by row, between the statements of
 * users: it waits for their row locks, and they for its. Changes of rows that are missing are
 * treated as the contract of {@code Applier} says. Beside the values it moves what each field has
 * truly seen.
 */
final class ApplyTransaction {
  private static final int PATIENCE = 60;

  private final SimulatedDatabase database;
  private final World world;
  private final boolean protects;
  private final boolean restored;
  private final PendingDeletes pendingDeletes;
  private final SchemaBook schemas;
  private final Position now;
  private final long acknowledged;
  private final Map<Key, RowState> own = new TreeMap<>(); // rows that it has locked
  private final Map<Key, List<History.Row>> glanced = new TreeMap<>(); // and rows it has not
  private final Protection protection;
  private List<Parked> parked;
  private long reached; // everything up to here was taken

  /**
   * @param now the last position of this transaction's marker
   * @param acknowledged the last own transaction that its changes had taken into account
   * @param markedAt capture has met this transaction once it has met this position
   */
  ApplyTransaction(
      Site site,
      PendingDeletes pendingDeletes,
      SchemaBook schemas,
      Position now,
      long acknowledged,
      long markedAt) {
    this.database = site.database();
    this.world = site.world();
    this.protects = world.scenario.features().has(Feature.PROTECTS) && site.direction().sends();
    this.restored = site.wasRestored();
    this.pendingDeletes = pendingDeletes;
    this.schemas = schemas;
    this.now = now;
    this.acknowledged = acknowledged;
    this.parked = new ArrayList<>(database.parked());
    this.protection = new Protection(database.aside().kept(), markedAt);
    this.reached = database.checkpoint() == null ? 0 : database.checkpoint().number();
  }

  /** What it leaves, as of its commit. */
  Map<Key, RowState> changed() {
    Map<Key, RowState> changed = new TreeMap<>(own);
    glanced.forEach((key, truths) -> changed.putIfAbsent(key, glancedAt(key)));
    return changed;
  }

  Aside aside() {
    return new Aside(parked, protection.kept());
  }

  /** What the database has not seen of the positions that its markers name. */
  List<Context.Unseen> unseen() {
    Map<Key, Long> lows = new LinkedHashMap<>();
    parked.forEach(p -> p.keys().forEach(key -> lows.merge(key, p.low(), Math::min)));
    List<Context.Unseen> unseen = new ArrayList<>();
    lows.forEach(
        (key, low) ->
            unseen.add(new Context.Unseen(key.table().table(), key.encoded().bytes(), low)));
    protection.kept().forEach(k -> unseen.add(unseen(k)));
    return unseen;
  }

  private static Context.Unseen unseen(Kept kept) {
    TableSchema table = kept.key().table();
    String field = kept.isWhole() ? null : table.columns().get(kept.field()).name();
    return new Context.Unseen(table.table(), kept.key().encoded().bytes(), field, kept.low());
  }

  void end() {
    database.unlockAll(this);
  }

  /** Everything that one log entry means here. */
  void take(long position, List<RowChange> changes) {
    reached = position - 1;
    for (RowChange change : changes) {
      if (world.random.nextInt(5) == 0) {
        letUsersWork();
      }
      take(position, change);
    }
    History.Logged logged = world.history.at(position);
    if (logged != null) {
      logged.rows().keySet().stream().filter(key -> !isHeld(key)).forEach(k -> see(k, logged));
    }
    reached = position;
  }

  private void take(long position, RowChange change) {
    List<Key> keys = keysOf(change);
    if (isAnyHeld(keys)) {
      pass(true);
    }
    if (!isAnyHeld(keys)) {
      if (!write(position, change)) {
        missing(position, change);
      }
      return;
    }
    Key key = keys.getFirst();
    boolean alone =
        parked.stream().filter(p -> p.concerns(key)).allMatch(p -> p.keys().size() == 1);
    if (change instanceof RowChange.Update || keys.size() > 1 || !alone) {
      park(position, change, ParkReason.BEHIND);
    } else { // says all that the waiting changes would
      parked.removeIf(p -> p.concerns(key));
      write(position, change);
    }
  }

  private void missing(long position, RowChange change) {
    Key key = keyOf(change);
    if (History.isOfHub(world.history.at(position).outcome())) {
      return; // what a person asked for came too late
    }
    switch (judge(key, acknowledged, now)) {
      case EXPLAINED -> {}
      case UNDECIDED -> park(position, change, ParkReason.SUSPECT);
      case UNEXPLAINED -> {
        world.verdict.violation("drift", database.name + " misses " + key + " at " + position);
        park(position, change, ParkReason.DRIFT);
      }
    }
  }

  private PendingDeletes.Verdict judge(Key key, long ownTaken, Position seenMissingAt) {
    RowKey encoded = key.encoded();
    return pendingDeletes.judge(
        key.table().table(), encoded, new Sequence(ownTaken), seenMissingAt);
  }

  private void park(long position, RowChange change, ParkReason reason) {
    world.counts.parked++;
    tell(position, keyOf(change), "set aside, " + reason);
    parked.add(
        new Parked(
            keysOf(change), change, reason, position - 1, position, acknowledged, now.number()));
  }

  /** Tries what is parked. */
  void pass(boolean everything) {
    Set<Key> stuck = new HashSet<>();
    List<Parked> left = new ArrayList<>();
    for (Parked one : parked) {
      boolean waits = one.keys().stream().anyMatch(stuck::contains);
      Parked still = waits ? one : solve(one, everything);
      if (still != null) {
        stuck.addAll(one.keys());
        left.add(still);
      }
    }
    List<Parked> before = parked;
    parked = left;
    seeWhatWasHeld(before);
  }

  /** Null if it is out of the way. */
  private Parked solve(Parked one, boolean everything) {
    if (!everything && one.reason() == ParkReason.DRIFT) {
      return one;
    }
    if (one.reason() == ParkReason.SUSPECT
        && judge(one.key(), one.acknowledged(), now.at(one.seenMissingAt()))
            == PendingDeletes.Verdict.UNDECIDED) {
      return one;
    }
    if (write(one.position(), one.change())) {
      return null;
    }
    if (judge(one.key(), one.acknowledged(), now) == PendingDeletes.Verdict.EXPLAINED) {
      tell(one.position(), one.key(), "explained");
      return null;
    }
    world.verdict.violation(
        "drift", database.name + " misses " + one.key() + " of " + one.position() + " for good");
    return one.as(ParkReason.DRIFT);
  }

  /**
   * A row that waits no more has seen all that the others have decided on it meanwhile, also where
   * nothing of it had to be sent here.
   */
  private void seeWhatWasHeld(List<Parked> before) {
    Map<Key, Long> lows = new TreeMap<>();
    before.forEach(p -> p.keys().forEach(key -> lows.merge(key, p.low(), Math::min)));
    lows.forEach(
        (key, low) -> {
          long through =
              parked.stream()
                  .filter(p -> p.concerns(key))
                  .mapToLong(Parked::low)
                  .min()
                  .orElse(reached);
          for (long at = low + 1; at <= through; at++) {
            History.Logged logged = world.history.at(at);
            if (logged != null && logged.rows().containsKey(key)) {
              see(key, logged);
            }
          }
        });
  }

  private boolean isHeld(Key key) {
    return parked.stream().anyMatch(p -> p.concerns(key));
  }

  private boolean isAnyHeld(List<Key> keys) {
    return keys.stream().anyMatch(this::isHeld);
  }

  // ---- rows

  private RowState row(Key key) {
    RowState mine = own.get(key);
    return mine == null ? glancedAt(key) : mine;
  }

  private RowState glancedAt(Key key) {
    RowState row = database.row(key);
    for (History.Row truth : glanced.getOrDefault(key, List.of())) {
      row = seeing(row, truth);
    }
    return row;
  }

  private static RowState seeing(RowState row, History.Row truth) {
    RowState result = row;
    for (int field : truth.wrote()) {
      result = result.seeing(field, truth.seen()[field]);
    }
    return result;
  }

  /** False if the row to be changed is missing. */
  private boolean write(long position, RowChange change) {
    Key key = keyOf(change);
    boolean written = writeLocked(position, key, change);
    tell(position, key, written ? "written" : "finds no row");
    return written;
  }

  private void tell(long position, Key key, String what) {
    world.trace.detail(database.name, () -> "applies " + position + " " + key + ": " + what);
  }

  private boolean writeLocked(long position, Key key, RowChange change) {
    History.Logged logged = world.history.at(position);
    History.Row truth = logged == null ? null : logged.rows().get(key);
    if (truth == null) {
      throw new AssertionError("a change of " + key + " at " + position + " that nobody logged");
    }
    boolean makes = change instanceof RowChange.Insert || change instanceof RowChange.KeyChange;
    if (row(key).exists() || makes) {
      lock(key);
    }
    RowState row = row(key);
    if (protects) {
      return writeWhereItCompares(position, key, row, change, truth);
    }
    switch (change) {
      case RowChange.Insert c -> {
        String[] blank = row.exists() ? row.values() : new String[key.table().columns().size()];
        replaceAll(key, row.with(Tables.patched(blank, c.after())), truth, row);
      }
      case RowChange.Delete c -> replaceAll(key, row.with(null), truth, row);
      case RowChange.Update c -> {
        if (!row.exists()) {
          return false;
        }
        patch(key, row, c.after(), truth);
      }
      case RowChange.KeyChange c -> {
        if (!c.oldKey().equals(c.newKey())) { // else a row in the place of one with the same key
          takeAway(keysOf(c).getFirst(), logged);
        }
        String[] blank = new String[key.table().columns().size()];
        replaceAll(key, row.with(Tables.patched(blank, c.after())), truth, row);
      }
      case RowChange.Truncate c -> throw new AssertionError(c);
    }
    return true;
  }

  /** The row that gets another key, if it is there. */
  private void takeAway(Key old, History.Logged logged) {
    if (row(old).exists()) {
      lock(old);
    }
    RowState row = row(old);
    replaceAll(old, row.with(null), logged.rows().get(old), row);
  }

  /** As a site does that protects its own pending writes. */
  private boolean writeWhereItCompares(
      long position, Key key, RowState row, RowChange change, History.Row truth) {
    switch (change) {
      case RowChange.Update c -> {
        Kept whole = protection.find(key, Kept.WHOLE);
        if (whole != null) {
          protection.patchWhole(whole, c.after(), row);
        } else if (row.exists()) {
          patchWhatCompares(position, key, c, truth);
        } else {
          protection.patchFields(key, c.after(), row);
          return false;
        }
      }
      case RowChange.Insert c -> {
        String[] values = Tables.patched(new String[key.table().columns().size()], c.after());
        boolean compares = !row.exists() || Arrays.equals(row.values(), values);
        writeWhole(position, key, row, values, compares, truth);
      }
      case RowChange.KeyChange c -> {
        String[] values = Tables.patched(new String[key.table().columns().size()], c.after());
        boolean compares =
            row.exists() && (matches(row, c.before()) || Arrays.equals(row.values(), values));
        writeWhole(position, key, row, values, compares, truth);
      }
      case RowChange.Delete c ->
          writeWhole(position, key, row, null, !row.exists() || matches(row, c.before()), truth);
      case RowChange.Truncate c -> throw new AssertionError(c);
    }
    return true;
  }

  private void writeWhole(
      long position, Key key, RowState row, String[] values, boolean compares, History.Row truth) {
    if (compares) {
      protection.removeRow(key);
      replaceAll(key, row.with(values), truth, row);
    } else {
      tell(position, key, "kept off");
      world.counts.keptOff++;
      protection.keepWhole(key, position, values, row);
    }
  }

  private void patchWhatCompares(
      long position, Key key, RowChange.Update change, History.Row truth) {
    String[] previous = Tables.patched(new String[key.table().columns().size()], change.before());
    RowState next = row(key);
    TupleReader reader = change.after().reader();
    while (reader.next()) {
      int field = reader.ordinal();
      if (field > 0 && reader.tag() == FieldTag.VALUE) {
        String now = next.values()[field];
        String value = reader.value().toUtf8();
        if (previous[field] == null || now.equals(previous[field]) || now.equals(value)) {
          RowState before = next;
          next = next.with(replaced(next.values(), field, value));
          countOverwritten(key, before, field, truth, isOther(before, next, field), false);
          next = next.replacing(field, truth.seen()[field]);
          protection.remove(key, field);
        } else {
          tell(position, key, "kept off in column " + field);
          world.counts.keptOff++;
          protection.keep(key, field, position, value, next);
        }
      } else if (field > 0 && reader.tag() == FieldTag.DELTA) {
        String delta = reader.value().toUtf8();
        long sum = Long.parseLong(next.values()[field]) + Long.parseLong(delta);
        next = next.with(replaced(next.values(), field, Long.toString(sum)));
        protection.add(key, field, delta, next);
      }
    }
    own.put(key, next);
  }

  private static String[] replaced(String[] values, int field, String value) {
    String[] result = values.clone();
    result[field] = value;
    return result;
  }

  /** Whether the row holds what the change replaces, as far as that is known. */
  private static boolean matches(RowState row, Tuple before) {
    String[] previous = Tables.patched(new String[row.values().length], before);
    for (int i = 1; i < previous.length; i++) {
      if (previous[i] != null && !previous[i].equals(row.values()[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes what was kept off and behind which nothing can be pending any more: capture has met what
   * stood there instead, all before that is answered, and it still stands there.
   */
  void expire(CapturedWrites captured, Sequence answered) {
    for (Kept value : protection.kept()) {
      Optional<Sequence> through = captured.through(now.at(value.markedAt()));
      if (!isHeld(value.key()) && through.isPresent() && !through.get().isAfter(answered)) {
        expire(value);
      }
    }
  }

  private void expire(Kept value) {
    Key key = value.key();
    if (row(key).exists()) {
      lock(key);
    }
    RowState row = row(key);
    if (!value.isAsSeen(row)) {
      protection.lookAgain(value, row);
      return;
    }
    protection.remove(key, value.field());
    History.Row truth = new History.Row(Set.of(), world.history.seenBy(key, reached));
    if (value.isWhole()) {
      tell(reached, key, "kept off no more");
      replaceAll(key, row.with(value.hub()), truth, row);
    } else if (row.exists()) {
      tell(reached, key, "kept off no more in column " + value.field());
      RowState next = row.with(replaced(row.values(), value.field(), value.hub()[0]));
      countOverwritten(key, row, value.field(), truth, isOther(row, next, value.field()), false);
      own.put(key, next.replacing(value.field(), truth.seen()[value.field()]));
    } else {
      own.put(key, row.seeing(value.field(), truth.seen()[value.field()]));
    }
  }

  private void replaceAll(Key key, RowState next, History.Row truth, RowState before) {
    RowState result = next;
    for (int field = 1; field <= RowState.existence(key); field++) {
      countOverwritten(key, before, field, truth, isOther(before, next, field), true);
      result = result.replacing(field, truth.seen()[field]);
    }
    own.put(key, result);
  }

  private static boolean isOther(RowState before, RowState next, int field) {
    if (before.exists() != next.exists()) {
      return true;
    }
    return next.exists()
        && field < next.values().length
        && !next.values()[field].equals(before.values()[field]);
  }

  private void patch(Key key, RowState row, Tuple change, History.Row truth) {
    RowState next = row.with(Tables.patched(row.values(), change));
    TupleReader reader = change.reader();
    while (reader.next()) {
      int field = reader.ordinal();
      if (field > 0 && reader.tag() == FieldTag.VALUE) {
        countOverwritten(key, row, field, truth, isOther(row, next, field), false);
        next = next.replacing(field, truth.seen()[field]);
      }
    }
    own.put(key, next);
  }

  /**
   * Own writes that are under way may be overwritten for a while, but only by what they had not
   * seen: a field is never sent back alone over a newer one that was made on top of it. Where they
   * are protected, they are not. What a database lost with a restore is sent to it again from there
   * on, whatever it holds by then.
   */
  private void countOverwritten(
      Key key, RowState before, int field, History.Row truth, boolean differs, boolean wholeRow) {
    if (differs && !RowState.isIn(before.seen()[field], truth.seen()[field])) {
      world.counts.overwritten++;
      boolean isValue = field != History.sumColumn(key) && field != RowState.existence(key);
      if (protects
          && !restored
          && before.exists()
          && isValue) { // a sum may dip, and a row go on which nothing else is pending
        world.verdict.violation(
            "flicker", database.name + " loses a pending write to column " + field + " of " + key);
      }
      if (!wholeRow && !restored && RowState.isIn(truth.seen()[field], before.seen()[field])) {
        world.counts.wentBack++;
      }
    }
  }

  /** The reader has, in effect, seen the outcome of every field that was written. */
  private void see(Key key, History.Logged logged) {
    History.Row all = logged.rows().get(key);
    Set<Integer> fields =
        all.wrote().stream()
            .filter(field -> !protection.concerns(key, field))
            .collect(Collectors.toSet());
    History.Row truth = new History.Row(fields, all.seen());
    RowState mine = own.get(key);
    if (mine != null) {
      own.put(key, seeing(mine, truth));
    } else {
      glanced.computeIfAbsent(key, k -> new ArrayList<>()).add(truth);
    }
  }

  // ---- locks

  private void lock(Key key) {
    for (int i = 0; !database.tryLock(key, this); i++) {
      LocalTransaction holder = (LocalTransaction) database.holder(key);
      if (i > PATIENCE) {
        throw Fault.of(FaultKind.UNREACHABLE, "apply", "lock timeout on " + key)
            .healsByItself()
            .build();
      }
      progress(holder);
    }
  }

  private void progress(LocalTransaction holder) {
    holder.step();
    if (holder.waitsFor() == this) {
      holder.abort(); // the victim of a deadlock
    } else if (holder.waitsFor() instanceof LocalTransaction other) {
      other.step();
      if (other.waitsFor() == this) {
        other.abort();
      }
    }
  }

  private void letUsersWork() {
    List<LocalTransaction> open = database.open();
    if (!open.isEmpty()) {
      open.get(world.random.nextInt(open.size())).step();
    }
  }

  /** Of the rows it changes: two if a row gets another key, the new one last. */
  private List<Key> keysOf(RowChange change) {
    Key key = keyOf(change);
    return change instanceof RowChange.KeyChange c && !c.oldKey().equals(c.newKey())
        ? List.of(Tables.key(key.table(), c.oldKey()), key)
        : List.of(key);
  }

  /** Of the row that it makes or changes. */
  private Key keyOf(RowChange change) {
    TableSchema table = schemas.get(change.schema());
    return switch (change) {
      case RowChange.Insert c -> Tables.key(Tables.of(table.table()), c.key());
      case RowChange.Update c -> Tables.key(Tables.of(table.table()), c.key());
      case RowChange.Delete c -> Tables.key(Tables.of(table.table()), c.key());
      case RowChange.KeyChange c -> Tables.key(Tables.of(table.table()), c.newKey());
      case RowChange.Truncate c -> throw new AssertionError(c);
    };
  }
}
