package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.queue.Outbox;
import io.spokewire.agent.queue.OutboxTail;
import io.spokewire.agent.queue.Resumption;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.WalPressure;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.Reception;
import io.spokewire.agent.stream.Standing;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.lifecycle.WorkLoop;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Source to outbox. Keeps the applied set exactly as the source's log has it: a marker extends it,
 * and a local transaction after that carries it as its context. Confirms the source up to what the
 * hub has (I8), or by the spill policy up to what the synced outbox has.
 *
 * <p>After any restart it goes on from where the outbox or the hub ends, whichever is later; what
 * is read twice is recognised by the outbox.
 */
public final class CaptureLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureLoop.class);
  private static final long MARK_NANOS = Duration.ofMillis(100).toNanos();
  private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long RELIEF_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration LONGEST_WAIT = Duration.ofMillis(100);
  private static final int EVENTS_AT_ONCE = 1000;

  /** What to do about a database that went back in time. */
  static final String REJOIN =
      "if it was restored on purpose: syncadm topology rejoin --catch-up; the hub sends what it"
          + " lost";

  private final Desk desk;
  private final CaptureSite site;
  private final OutboxFactory outboxes;
  private final SchemaBook schemas;
  private final DeleteLedger deletes;
  private final CaptureProgress progress;
  private final WithheldTruncates truncates;
  private final WalPressure pressure;
  private final SourceWatch watch;
  private final AppliedSet applied;
  private final TimeSource time;

  private @Nullable Outbox outbox;
  private @Nullable ChangeSource source;
  private boolean resumed;
  private int tables = -1;
  private SourcePosition read = SourcePosition.NONE; // everything up to here was handled
  private boolean contextMoved; // and is not recorded yet
  private boolean positionMoved;
  private long lastMark;
  private long lastRelief;
  private boolean relieving; // and said so
  private boolean freeing; // give_up was decided; the source may be in use for a moment yet
  private SourcePosition spilled = SourcePosition.NONE;
  private String lastWait = "";
  private volatile long capturedMicros;

  public CaptureLoop(
      Desk desk,
      CaptureSite site,
      OutboxFactory outboxes,
      SchemaBook schemas,
      DeleteLedger deletes,
      CaptureProgress progress,
      WithheldTruncates truncates,
      AppliedSet applied,
      WalPressure pressure,
      SourceWatch watch,
      TimeSource time) {
    this.desk = desk;
    this.site = site;
    this.outboxes = outboxes;
    this.schemas = schemas;
    this.deletes = deletes;
    this.progress = progress;
    this.truncates = truncates;
    this.applied = applied;
    this.pressure = pressure;
    this.watch = watch;
    this.time = time;
    this.lastMark = time.nanos() - PROGRESS_NANOS;
    this.lastRelief = lastMark;
  }

  @Override
  public String name() {
    return "capture";
  }

  /** Commit time of the last captured transaction; 0 if there is none. Any thread. */
  public long capturedMicros() {
    return capturedMicros;
  }

  @Override
  public int doWork() throws InterruptedException {
    if (pressure.policy() == WalPressure.Policy.GIVE_UP && watch.mustRelieve()) {
      freeing = true; // in whatever state we are: the user's database comes first
    }
    if (freeing && !desk.givenUp()) {
      giveUp();
    }
    if (desk.halted() != null) {
      desk.capturing(false);
      closeSource();
      return 0;
    }
    try {
      Outbox box = openOutbox();
      if (box == null) {
        return 0;
      }
      ChangeSource from = openSource(box);
      return from == null ? 0 : capture(box, from);
    } catch (Fault fault) {
      desk.capturing(false);
      closeSource();
      if (fault.healsByItself()) {
        throw fault;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("stopping"); // which is what broke the call
      }
      // Changes that are gone from the log can only be found by comparing.
      desk.halt("capture", fault, fault.kind() == FaultKind.NEGATIVE);
      return 0;
    }
  }

  private @Nullable Outbox openOutbox() throws InterruptedException {
    Outbox box = outbox;
    if (box == null) {
      Optional<AgentState.Membership> member = desk.membership();
      if (member.isEmpty()) {
        return null;
      }
      box = outboxes.open(member.get());
      outbox = box;
      desk.opened(box, box.tail().map(OutboxTail::last).orElse(Sequence.NONE));
    }
    if (desk.footing().standing() == Standing.NEEDS_RESYNC) {
      // Its log is another one than that which the outbox goes on from.
      desk.capturing(false);
      closeSource();
      return null;
    }
    return resumed || (knowsStart() && resume(box)) ? box : null;
  }

  /** In a new life of the spoke, capture begins where its database held what that begins with. */
  private boolean knowsStart() throws InterruptedException {
    AgentState.Membership member = desk.membership().orElseThrow();
    if (!desk.captureStart().isNone() || member.epoch().equals(Epoch.FIRST)) {
      return true;
    }
    if (desk.tablesVersion() == 0) {
      return false;
    }
    SourcePosition start = site.after(member.start());
    LOG.info("epoch {} is captured from {}", member.epoch(), start);
    desk.captureStart(start);
    return true;
  }

  private boolean resume(Outbox box) {
    HubSession session = desk.footing().session();
    Optional<OutboxTail> hub =
        session == null ? Optional.empty() : Optional.of(tailOf(session.reception()));
    switch (box.resume(hub, site.confirmed())) {
      case Resumption.Ready ready -> {
        resumed = true;
        deletes.begin(lastUnknown(ready.tail()));
        desk.resumed(ready.tail().last());
        LOG.info("capture goes on after {} at {}", ready.tail().last(), ready.tail().position());
      }
      case Resumption.AwaitHub await -> {
        if (!await.reason().equals(lastWait)) {
          lastWait = await.reason();
          LOG.info("capture waits for the hub: {}", await.reason());
        }
      }
      case Resumption.NeedsResync needed -> desk.halt("capture", needed.fault(), true);
    }
    return resumed;
  }

  /**
   * What a life before deleted is not known: what comes before this one's first transaction may
   * find a row missing for that.
   */
  private Sequence lastUnknown(OutboxTail tail) {
    boolean hadLifeBefore =
        desk.membership().map(m -> !m.epoch().equals(Epoch.FIRST)).orElse(false);
    return hadLifeBefore && tail.last().equals(Sequence.NONE) ? Sequence.NONE.next() : tail.last();
  }

  private OutboxTail tailOf(Reception reception) {
    Context start =
        Context.through(
            desk.membership().map(AgentState.Membership::start).orElse(reception.start()));
    Context theirs = reception.lastContext();
    return new OutboxTail(
        reception.last(),
        reception.lastHash(),
        reception.lastSource().isNone() ? desk.captureStart() : reception.lastSource(),
        theirs.includes(start) ? theirs : start,
        reception.lastTime());
  }

  private @Nullable ChangeSource openSource(Outbox box) {
    int wanted = desk.tablesVersion();
    if (watch.takeUnheard() && source != null) {
      LOG.warn("the database says that nobody reads our slot: opening it again");
    } else if (source != null && tables == wanted) {
      return source;
    }
    desk.capturing(false);
    closeSource();
    if (wanted == 0) {
      return null; // no plan yet: which tables are ours is not known
    }
    OutboxTail tail = box.tail().orElseThrow();
    demandNotBack(tail.context());
    applied.begin(tail.context());
    site.demandWhole();
    ChangeSource opened = site.sources().open(tail.position());
    source = opened;
    tables = wanted;
    read = tail.position();
    contextMoved = false;
    positionMoved = false;
    deletes.capturedThrough(tail.context());
    progress.begin(tail.context(), tail.last());
    desk.capturing(true);
    return opened;
  }

  /** What its log has shown to be applied, a database holds, unless it went back. */
  private void demandNotBack(Context captured) {
    if (!desk.direction().receives()) {
      return;
    }
    Optional<Position> holds = site.applied();
    long held = holds.map(Position::number).orElse(0L);
    boolean sameLog = holds.map(at -> at.isSameLogAs(captured.low())).orElse(true);
    long start = desk.membership().map(m -> m.start().number()).orElse(0L);
    if (sameLog && Math.max(held, start) < captured.low().number()) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "capture",
              "the database went back in time: it holds position "
                  + held
                  + ", and its log had shown "
                  + captured.low().number())
          .hint(REJOIN)
          .build();
    }
  }

  private int capture(Outbox box, ChangeSource from) throws InterruptedException {
    SourcePosition durable = desk.acknowledged().position();
    if (!durable.isNone()) {
      from.confirm(durable);
    }
    relieve(box, from);
    int done = 0;
    Captured event = from.next(waitFor());
    while (event != null) {
      take(box, event);
      done++;
      if (done >= EVENTS_AT_ONCE || tables != desk.tablesVersion()) {
        break;
      }
      event = from.next(Duration.ZERO);
    }
    mark(box);
    return Math.max(done, 1); // next() has waited already: the driver need not
  }

  private void take(Outbox box, Captured event) {
    Context now = applied.context();
    switch (event) {
      case Captured.Local local -> takeLocal(box, local, now);
      case Captured.Applied own -> {
        applied.extend(own.marker());
        deletes.capturedThrough(applied.context());
        progress.met(applied.context());
        contextMoved = true;
      }
      case Captured.Barrier barrier -> {
        if (box.barrierMark(barrier.barrier(), barrier.position(), now)) {
          recorded(box);
        }
      }
      case Captured.Shape shape -> {
        schemas.add(shape.schema());
        box.shape(shape.schema());
      }
      case Captured.Progress progress -> positionMoved = true;
    }
    if (!(event instanceof Captured.Shape)) {
      read = event.position();
    }
  }

  private void takeLocal(Outbox box, Captured.Local local, Context now) {
    try (RowChunks rows = local.rows()) {
      Sequence sequence = box.committed(local.position(), local.commitMicros(), now, rows);
      if (sequence.isAfter(Sequence.NONE)) {
        progress.took(sequence);
        for (RowBlock block : rows) {
          if (deletes.remember(block, sequence)) {
            truncates.captured(block, local.position());
          }
        }
        capturedMicros = local.commitMicros();
        recorded(box);
      }
    }
  }

  private void recorded(Outbox box) {
    contextMoved = false;
    positionMoved = false;
    lastMark = time.nanos();
    desk.recorded(box.tail().orElseThrow());
  }

  private Duration waitFor() {
    if (!contextMoved) {
      return LONGEST_WAIT;
    }
    long left = MARK_NANOS - (time.nanos() - lastMark);
    return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
  }

  /** Tells the hub how far the context and the source are, now and then. */
  private void mark(Outbox box) {
    long since = time.nanos() - lastMark;
    boolean due =
        (contextMoved && since >= MARK_NANOS) || (positionMoved && since >= PROGRESS_NANOS);
    if (due && box.contextMark(read, applied.context())) {
      recorded(box);
    }
  }

  /** By the spill policy; giving up does not wait for an open source, and holding does nothing. */
  private void relieve(Outbox box, ChangeSource from) {
    long now = time.nanos();
    if (!watch.mustRelieve()) {
      relieving = false;
    } else if (pressure.policy() == WalPressure.Policy.SPILL_LOCAL
        && now - lastRelief >= RELIEF_NANOS) {
      lastRelief = now;
      spill(box, from);
    }
  }

  private void spill(Outbox box, ChangeSource from) {
    box.contextMark(read, applied.context());
    SourcePosition upTo = box.tail().orElseThrow().position();
    if (upTo.equals(spilled)) {
      return; // the source has been told; it keeps the rest for reasons of its own
    }
    box.spill(upTo);
    from.confirm(upTo);
    spilled = upTo;
    recorded(box);
    if (!relieving) {
      relieving = true;
      LOG.warn(
          "nothing goes to the hub and the source kept {} bytes of its log for us: the outbox"
              + " vouches for it up to {}, and from now on",
          watch.retainedBytes(),
          upTo);
    }
  }

  /** Tried again until it works: a slot is in use for a moment after its reader left. */
  private void giveUp() {
    desk.capturing(false);
    closeSource();
    long retained = watch.retainedBytes();
    desk.gaveUp();
    try {
      site.giveUp();
    } catch (Fault fault) {
      desk.stillHere();
      throw fault;
    }
    Fault why =
        Fault.of(
                FaultKind.NEGATIVE,
                "capture",
                "nothing goes to the hub and the source kept "
                    + retained
                    + " bytes of its log for us")
            .hint("wal_pressure: give_up freed it; " + Resumption.START_ANEW)
            .build();
    LOG.error("{}", why.getMessage());
    desk.halt("capture", why, true);
  }

  private void closeSource() {
    ChangeSource open = source;
    source = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    closeSource();
  }
}
