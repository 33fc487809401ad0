package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.RefusedRow;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.lifecycle.WorkLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hub to database: takes what is in the inbox, several log entries per database transaction, and
 * reports each position once it is durable. Never waits for more while there is something to do.
 *
 * <p>The database's checkpoint is the only truth: after a fault whose outcome is unknown it is read
 * again, and what comes at or below it is dropped. A gap above it is never applied.
 *
 * <p>Positions that hold nothing for this spoke are applied as a bare marker: after a while of
 * rest, or at once when a barrier wants to know.
 */
public final class ApplyLoop implements WorkLoop {
  private static final int ROWS_AT_ONCE = 2000;
  private static final long BYTES_AT_ONCE = 1 << 20;
  private static final long SPOOL_MEMORY = 4 << 20;
  private static final long REST_NANOS = Duration.ofMillis(200).toNanos();
  private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long KEPT_NANOS = Duration.ofMillis(100).toNanos();

  private final Desk desk;
  private final Supplier<Applier> appliers;
  private final SchemaBook schemas;
  private final DeleteLedger deletes;
  private final Consumer<HybridTime> timesSeen;
  private final EntryAssembler assembler;
  private final TimeSource time;
  private final long patienceNanos;

  private @Nullable Applier applier;
  private boolean stood; // whether the checkpoint was read
  private boolean stoodHalted; // once more since everything stopped
  private @Nullable Position checkpoint; // null before the first apply of a spoke's life
  private @Nullable HubSession session;
  private @Nullable ApplyBatch unsure; // its outcome is to be found out

  // What was taken from the inbox and is not applied yet.
  private final Deque<Delivery.Entry> entries = new ArrayDeque<>();
  private long through; // nothing is for us up to here once `entries` is empty
  private long taken; // position of the last entry, or part of one, that was taken
  private boolean takenWhole; // and no other part of it follows
  private Sequence acknowledged = Sequence.NONE; // what `entries` had taken into account at least
  private Sequence acknowledgedThrough = Sequence.NONE; // what `through` had
  private boolean barrier;
  private long heardThrough; // how far the hub has sent in this session
  private boolean owesReport; // of more than that, which the hub would not believe
  private long lastChange;
  private long lastRetry;
  private long parked;
  private final Set<Long> told = new HashSet<>(); // refused rows, on this session
  private long lookedAt; // how many were parked when refused rows were last looked for
  private long kept;

  /**
   * @param appliers opens the database, on this loop's thread
   * @param timesSeen told the time of each entry that is about to be applied
   */
  public ApplyLoop(
      Desk desk,
      Supplier<Applier> appliers,
      SchemaBook schemas,
      DeleteLedger deletes,
      Consumer<HybridTime> timesSeen,
      Path spool,
      TimeSource time) {
    this(desk, appliers, schemas, deletes, timesSeen, spool, time, Duration.ofNanos(Inbox.SHORT));
  }

  /**
   * As above, for a driver of its own kind.
   *
   * @param patience how long one step may wait for the hub; zero where time stands still meanwhile
   */
  public ApplyLoop(
      Desk desk,
      Supplier<Applier> appliers,
      SchemaBook schemas,
      DeleteLedger deletes,
      Consumer<HybridTime> timesSeen,
      Path spool,
      TimeSource time,
      Duration patience) {
    this.desk = desk;
    this.appliers = appliers;
    this.schemas = schemas;
    this.deletes = deletes;
    this.timesSeen = timesSeen;
    this.assembler = new EntryAssembler(spool, SPOOL_MEMORY);
    this.time = time;
    this.patienceNanos = patience.toNanos();
    this.lastChange = time.nanos();
    this.lastRetry = lastChange;
  }

  @Override
  public String name() {
    return "apply";
  }

  @Override
  public int doWork() throws InterruptedException {
    try {
      Applier to = openApplier();
      if (desk.halted() != null) {
        standAgain(to);
        return 0; // not even what was tried already: there may be changes it would overwrite
      }
      settle(to);
      if (!desk.mayApply()) {
        return 0;
      }
      return apply(to);
    } catch (Fault fault) {
      if (fault.healsByItself()) {
        throw fault;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("stopping"); // which is what broke the call
      }
      desk.halt("apply", fault, fault.kind() == FaultKind.NEGATIVE); // or it went back in time
      return 0;
    }
  }

  /** Why it stopped may be that the database is another one than it was: what does it hold? */
  private void standAgain(Applier to) {
    if (!stoodHalted) {
      stand(to.checkpoint());
      stoodHalted = true;
    }
  }

  private Applier openApplier() {
    Applier open = applier;
    if (open == null) {
      open = appliers.get();
      applier = open;
    }
    if (!stood) {
      stand(open.checkpoint());
    }
    return open;
  }

  /** After a fault: what of the last batch is in the database? */
  private void settle(Applier to) {
    ApplyBatch open = unsure;
    if (open == null) {
      return;
    }
    stand(to.checkpoint());
    if (isApplied(open.last())) {
      finished(open, rowsOf(open));
    } else {
      run(to, open);
    }
  }

  private int apply(Applier to) throws InterruptedException {
    HubSession now = desk.footing().session();
    if (now == null || !now.isOpen()) {
      return 0;
    }
    if (now != session) {
      begin(now);
    }
    boolean full = gather();
    List<ApplyBatch.Entry> ready = new ArrayList<>();
    long last;
    try {
      last = take(ready);
    } catch (Fault fault) {
      // What was taken from the inbox is in pieces: the next session begins after the checkpoint.
      ready.forEach(entry -> entry.rows().close());
      session = null;
      now.abandon("a batch could not be taken");
      throw fault;
    }
    if (!ready.isEmpty() || (barrier && isAhead(last))) {
      run(to, batch(ready, last));
      return Math.max(1, ready.size());
    }
    if (isAhead(last) && !full && time.nanos() - lastChange >= REST_NANOS) {
      run(to, batch(ready, last));
      return 1;
    }
    retryParked(to);
    tellRefused(to, now);
    return 1; // gather() has waited already
  }

  private void begin(HubSession next) {
    session = next;
    entries.clear();
    assembler.forget();
    barrier = false;
    acknowledged = Sequence.NONE;
    acknowledgedThrough = Sequence.NONE;
    taken = 0;
    takenWhole = true;
    through = Math.max(next.base().number(), checkpointNumber());
    told.clear();
    lookedAt = 0;
    heardThrough = next.base().number();
    owesReport = false;
    acknowledgeWhatTheHubHad(next);
    Position at = checkpoint;
    if (at != null) {
      report(at, 0);
    }
  }

  /** The hub may mend what this database refuses; it is told of each row once on a session. */
  private void tellRefused(Applier to, HubSession now) {
    if (parked == lookedAt) {
      return;
    }
    lookedAt = parked;
    for (RefusedRow row : to.refused()) {
      if (told.add(row.id())) {
        now.refused(row.table(), row.key(), row.position(), row.error());
      }
    }
  }

  /** Takes one batch from the inbox if there is room for it here; true if there may be more. */
  private boolean gather() throws InterruptedException {
    if (!entries.isEmpty()) {
      return true;
    }
    Inbox.Item item = desk.inbox().poll(pollNanos());
    if (item == null) {
      return false;
    }
    accept(item);
    long bytes = item.delivery().bytes();
    // Small batches are put together, as far as they are there already.
    while (entries.size() < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE && !barrier) {
      Inbox.Item more = desk.inbox().poll(0);
      if (more == null) {
        return false;
      }
      accept(more);
      bytes += more.delivery().bytes();
    }
    return true;
  }

  private long pollNanos() {
    if (!isAhead(through) || assembler.isInside()) {
      return patienceNanos;
    }
    long rest = REST_NANOS - (time.nanos() - lastChange);
    return Math.max(0, Math.min(rest, patienceNanos));
  }

  private void accept(Inbox.Item item) {
    if (item.session() != session) {
      return; // of a session that is over; the hub sends it again
    }
    if (item.after() > through) {
      throw Fault.invariant(
          "positions in order",
          "the hub went on after " + item.after() + ", this agent has all up to " + through);
    }
    Delivery delivery = item.delivery();
    if (!delivery.entries().isEmpty() || !isAhead(through)) {
      lastChange = time.nanos(); // else what is skipped here would wait while others go on writing
    }
    schemas.addAll(delivery.schemas());
    if (entries.isEmpty()) {
      acknowledged = acknowledgedThrough; // the least that every entry below had seen
    }
    for (Delivery.Entry entry : delivery.entries()) {
      if (isWanted(entry)) {
        entries.add(entry);
        taken = entry.position();
        takenWhole = !entry.more();
      }
    }
    through = Math.max(through, delivery.through());
    heardThrough = Math.max(heardThrough, delivery.through());
    Position at = checkpoint;
    if (owesReport && at != null) {
      report(at, 0);
    }
    if (delivery.acknowledged().isAfter(acknowledgedThrough)) {
      acknowledgedThrough = delivery.acknowledged();
    }
    acknowledgeWhatTheHubHad(item.session());
  }

  /** In a session the hub tells only of what it met since; what came before lies below its head. */
  private void acknowledgeWhatTheHubHad(HubSession of) {
    boolean hasAll = through >= of.reception().head().number();
    if (hasAll && of.reception().last().isAfter(acknowledgedThrough)) {
      acknowledgedThrough = of.reception().last();
    }
  }

  /**
   * After a pause the hub sends again what was not reported, some of which may wait here: applying
   * it twice would count a delta twice. An entry of which parts are missing begins anew.
   */
  private boolean isWanted(Delivery.Entry entry) {
    return entry.position() > checkpointNumber()
        && (entry.position() > taken || (entry.position() == taken && !takenWhole));
  }

  /**
   * Moves entries into {@code ready} up to a database transaction's worth; returns its last
   * position.
   */
  private long take(List<ApplyBatch.Entry> ready) {
    Position log = log();
    long rows = 0;
    long bytes = 0;
    long last = checkpointNumber();
    while (!entries.isEmpty() && rows < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE) {
      Delivery.Entry part = entries.remove();
      if (part.barrier() != null) {
        barrier = true;
        last = part.position();
        continue;
      }
      if (part.origin() == null && part.rows().isEmpty()) {
        last = part.position();
        continue;
      }
      timesSeen.accept(part.time());
      ApplyBatch.Entry whole = assembler.take(part, log);
      if (whole != null) {
        last = part.position();
        rows += whole.rows().rows();
        bytes += part.rows().bytes().length();
        if (whole.rows().rows() > 0) {
          ready.add(whole);
        }
      }
    }
    return entries.isEmpty() && !assembler.isInside() ? Math.max(last, through) : last;
  }

  private ApplyBatch batch(List<ApplyBatch.Entry> ready, long last) {
    Position log = log();
    // Once nothing is left behind, everything up to `through` is in this batch.
    Sequence seen = ready.isEmpty() && entries.isEmpty() ? acknowledgedThrough : acknowledged;
    return new ApplyBatch(log.at(checkpointNumber() + 1), log.at(last), ready, seen);
  }

  private void run(Applier to, ApplyBatch batch) {
    unsure = batch;
    Applier.ApplyResult result = to.apply(batch);
    parked = result.parked();
    kept = to.kept();
    finished(batch, result.rows());
  }

  private void finished(ApplyBatch batch, long rows) {
    unsure = null;
    stand(Optional.of(batch.last()));
    batch.entries().forEach(entry -> entry.rows().close());
    Applier to = applier;
    Sequence keep = to == null ? Sequence.NONE : to.oldestSuspect().orElse(batch.acknowledged());
    deletes.forget(keep.compareTo(batch.acknowledged()) < 0 ? keep : batch.acknowledged());
    if (entries.isEmpty()) {
      barrier = false;
    }
    lastChange = time.nanos();
    report(batch.last(), rows);
  }

  /**
   * A session may begin while a batch of the one before is being committed: then the checkpoint is
   * further than what we greeted with, and is told as far as the hub has sent again: it may send no
   * more before it hears something.
   */
  private void report(Position at, long rows) {
    HubSession to = session;
    owesReport = at.number() > heardThrough;
    if (to != null) {
      to.applied(Math.min(at.number(), heardThrough), parked, rows, kept);
    }
  }

  private void retryParked(Applier to) {
    if (time.nanos() - lastRetry < (kept > 0 ? KEPT_NANOS : RETRY_NANOS)) {
      return;
    }
    lastRetry = time.nanos();
    boolean hasAll = entries.isEmpty() && !assembler.isInside();
    long left = to.retryParked(hasAll ? acknowledgedThrough : Sequence.NONE);
    long keptNow = to.kept();
    Position at = checkpoint;
    if ((left != parked || keptNow != kept) && at != null) {
      parked = left;
      kept = keptNow;
      report(at, 0);
    }
  }

  private void stand(Optional<Position> at) {
    checkpoint = at.orElse(null);
    stood = true;
    desk.checkpoint(at);
  }

  private boolean isApplied(Position position) {
    Position at = checkpoint;
    return at != null && !position.isAfter(at);
  }

  private boolean isAhead(long position) {
    return position > checkpointNumber();
  }

  private long checkpointNumber() {
    Position at = checkpoint;
    return at != null ? at.number() : start().number();
  }

  private Position log() {
    Position at = checkpoint;
    return at != null ? at : start();
  }

  private Position start() {
    return desk.membership()
        .map(AgentState.Membership::start)
        .orElseThrow(
            () ->
                Fault.of(FaultKind.INTERNAL, "apply", "data came before this spoke was live")
                    .build());
  }

  private static long rowsOf(ApplyBatch batch) {
    return batch.entries().stream().mapToLong(entry -> entry.rows().rows()).sum();
  }

  @Override
  public void close() {
    assembler.close();
    if (applier != null) {
      applier.close();
    }
  }
}
