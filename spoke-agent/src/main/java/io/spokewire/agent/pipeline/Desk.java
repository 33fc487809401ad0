package io.spokewire.agent.pipeline;

import io.spokewire.agent.queue.Outbox;
import io.spokewire.agent.queue.OutboxTail;
import io.spokewire.agent.queue.Resumption;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.FlowChange;
import io.spokewire.agent.stream.Greeting;
import io.spokewire.agent.stream.HubOrder;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.LinkListener;
import io.spokewire.agent.stream.Reception;
import io.spokewire.agent.stream.Standing;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the hub's link and the loops meet: what came from the hub lies here until a loop takes it,
 * and what the agent has is known here when the link greets. It moves nothing itself.
 *
 * <p>Threading: the link's threads write through {@link LinkListener}; each loop reads what is its
 * own; what is read by several is volatile and replaced as a whole.
 */
public final class Desk implements LinkListener, Greeting.Source {
  private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
  private static final long INBOX_BYTES = 16L << 20;

  /** What this agent is, beside its state. */
  public record Self(Direction direction, String engine, String engineVersion, String capture) {}

  /** Something that stopped the flow for good. */
  record Halt(String stage, Fault fault, boolean needsResync) {}

  private final Self self;
  private final StateFile state;
  private final Runnable ready;
  private final Inbox inbox = new Inbox(INBOX_BYTES);
  private final Queue<HubOrder> orders = new ConcurrentLinkedQueue<>();

  private volatile Footing footing = Footing.NONE;
  private volatile Acknowledgement acknowledged = Acknowledgement.NONE;
  private volatile @Nullable Halt halt;
  private volatile @Nullable NewLife newLife;
  private volatile @Nullable Optional<Position> checkpoint; // null: not read yet
  private volatile @Nullable Outbox outbox; // opened by capture, kept open until the end
  private volatile boolean resumed;
  private volatile boolean capturing;
  private volatile boolean givenUp;
  private volatile Sequence captured = Sequence.NONE;
  private volatile SourcePosition recordedTo = SourcePosition.NONE;
  private final AtomicLong movements = new AtomicLong();
  private volatile int tablesVersion;
  private volatile Runnable wakeUplink = () -> {};
  private volatile Runnable wakeCapture = () -> {};
  private volatile Runnable wakeControl = () -> {};

  /**
   * @param ready called at the beginning of each session
   */
  public Desk(Self self, StateFile state, Runnable ready) {
    this.self = self;
    this.state = state;
    this.ready = ready;
    if (!self.direction().receives()) {
      checkpoint = Optional.empty();
    }
  }

  /** Whom to wake. Set once, before anything starts. */
  public void wakes(Runnable capture, Runnable uplink, Runnable control) {
    wakeCapture = capture;
    wakeUplink = uplink;
    wakeControl = control;
  }

  /** A time that came from elsewhere: later transactions of this site get later ones. */
  public void saw(HybridTime elsewhere) {
    Outbox box = outbox;
    if (box != null) {
      box.saw(elsewhere);
    }
  }

  /** How many captured transactions the hub has not acknowledged. */
  public long pendingTransactions() {
    Outbox box = outbox();
    return box == null ? 0 : box.pendingTransactions();
  }

  /** Once no loop uses it any more. */
  public void closeOutbox() {
    Outbox box = outbox;
    outbox = null;
    if (box != null) {
      box.close();
    }
  }

  /** Why this agent stopped, if its spoke has a new life: it has to begin anew for that. */
  public Optional<NewLife> newLife() {
    return Optional.ofNullable(newLife);
  }

  // ---- for the loops

  Direction direction() {
    return self.direction();
  }

  Footing footing() {
    return footing;
  }

  /** Whether data may go both ways now. */
  boolean flows() {
    return halt == null && footing.flows();
  }

  /**
   * Whether the hub's changes may be applied. Not while capture has no hold of the log: if the log
   * turns out to be gone, the site has changes that nobody captured, and applying would overwrite
   * them unseen.
   */
  boolean mayApply() {
    return flows() && (capturing || !self.direction().sends());
  }

  /** Capture has its log, or lost hold of it. */
  void capturing(boolean now) {
    capturing = now;
  }

  boolean capturing() {
    return capturing;
  }

  /** The source is freed for good on our own decision, or that is about to happen. */
  void gaveUp() {
    givenUp = true;
  }

  /** It could not be freed yet. */
  void stillHere() {
    givenUp = false;
  }

  boolean givenUp() {
    return givenUp;
  }

  /** Something went to the hub. */
  void moved() {
    movements.incrementAndGet();
  }

  /** Changes whenever something went to the hub or the hub acknowledged something. */
  long movements() {
    return movements.get();
  }

  /** Whether something is recorded that the hub has not acknowledged. */
  boolean owes() {
    Acknowledgement done = acknowledged;
    return captured.isAfter(done.sequence())
        || !(recordedTo.isNone() || recordedTo.equals(done.position()));
  }

  @Nullable Halt halted() {
    return halt;
  }

  Acknowledgement acknowledged() {
    return acknowledged;
  }

  Inbox inbox() {
    return inbox;
  }

  Queue<HubOrder> orders() {
    return orders;
  }

  Optional<AgentState.Membership> membership() {
    return state.get().membership();
  }

  SourcePosition captureStart() {
    return state.get().captureStart();
  }

  /** Where the source's log begins for this life of the spoke. */
  void captureStart(SourcePosition start) {
    state.update(s -> s.withCapture(start, s.emptyAtStart()));
  }

  /** Capture opened the outbox: what it holds may be told to the hub. */
  void opened(Outbox box, Sequence last) {
    captured = last;
    outbox = box;
  }

  /** Capture knows where the writer stands: from now on the uplink reads the outbox. */
  void resumed(Sequence last) {
    captured = last;
    resumed = true;
    wakeUplink.run();
  }

  /** For the uplink; null until it may be read. */
  @Nullable Outbox outbox() {
    return resumed ? outbox : null;
  }

  /** Capture recorded something. */
  void recorded(OutboxTail tail) {
    captured = tail.last();
    recordedTo = tail.position();
    wakeUplink.run();
  }

  /** What the database says is applied; empty before the first apply. */
  void checkpoint(Optional<Position> now) {
    checkpoint = now;
  }

  /** The tables in use changed: capture opens its source again. */
  void tablesChanged() {
    tablesVersion++;
    wakeCapture.run();
  }

  int tablesVersion() {
    return tablesVersion;
  }

  /**
   * Stops the flow of data for good: going on would be wrong. The agent stays connected, so that
   * the hub shows why.
   */
  void halt(String stage, Fault fault, boolean needsResync) {
    if (halt == null) {
      LOG.error("{}: stopped: {}", stage, fault.getMessage());
      halt = new Halt(stage, fault, needsResync);
      tellHalt(footing.session());
    }
  }

  private void tellHalt(@Nullable HubSession session) {
    Halt why = halt;
    if (why != null && session != null) {
      session.condition(why.stage(), why.fault(), why.needsResync());
    }
  }

  /** Changes whenever something was applied. */
  public long appliedThrough() {
    Optional<Position> at = checkpoint;
    return at == null || at.isEmpty() ? 0 : at.get().number();
  }

  // ---- for the link

  @Override
  public Optional<Greeting> greeting() {
    Optional<Position> at = checkpoint;
    AgentState now = state.get();
    boolean member = now.membership().isPresent();
    boolean capturing = self.direction().sends() && member && halt == null;
    if (at == null || (capturing && outbox == null)) {
      return Optional.empty();
    }
    return Optional.of(
        new Greeting(
            self.engine(),
            self.engineVersion(),
            self.capture(),
            now.session(),
            now.membership().map(AgentState.Membership::epoch).orElse(Epoch.FIRST),
            at,
            captured,
            at.isPresent() || captured.isAfter(Sequence.NONE)));
  }

  @Override
  public void attached(HubSession session) {
    Reception reception = session.reception();
    Optional<AgentState.Membership> member = membership();
    if (member.isPresent()) {
      checkSameLog(member.get(), reception);
      checkSameLife(member.get(), reception);
    } else if (reception.standing() == Standing.LIVE) {
      join(reception.epoch(), reception.start());
    }
    inbox.restart(session, session.base().number());
    if (reception.standing() != Standing.NEEDS_RESYNC) {
      // What a database that went back may forget is not for its earlier life to say.
      acknowledged = new Acknowledgement(reception.last(), reception.lastSource());
    }
    footing =
        new Footing(
            session,
            reception.standing(),
            reception.standingReason(),
            reception.paused(),
            footing.beginning() + 1,
            reception.last());
    LOG.info(
        "attached: session {}, {}{}",
        reception.session(),
        reception.standing(),
        reception.standingReason().isEmpty() ? "" : " (" + reception.standingReason() + ")");
    tellHalt(session);
    orders.add(new HubOrder.TakePlan(reception.plan()));
    wakeAll();
    ready.run();
  }

  @Override
  public void detached(HubSession session) {
    Footing now = footing;
    if (now.session() == session) {
      footing =
          new Footing(
              null, now.standing(), now.reason(), now.paused(), now.beginning(), now.sendAfter());
    }
    wakeAll();
  }

  @Override
  public void acknowledged(HubSession session, Sequence sequence, SourcePosition position) {
    Acknowledgement before = acknowledged;
    acknowledged = new Acknowledgement(sequence, position.isNone() ? before.position() : position);
    moved();
    wakeUplink.run();
  }

  @Override
  public boolean delivered(HubSession session, Delivery delivery) {
    return inbox.put(session, delivery);
  }

  @Override
  public void ordered(HubSession session, HubOrder order) {
    orders.add(order);
    wakeControl.run();
  }

  @Override
  public void flowChanged(HubSession session, FlowChange flow) {
    Footing before = footing;
    boolean flowed = before.session() == session && before.flows();
    boolean flows = flow.standing() == Standing.LIVE && !flow.paused();
    Sequence sendAfter = before.sendAfter();
    long beginning = before.beginning();
    if (flows && !flowed) {
      if (membership().isEmpty()) {
        Position log = session.reception().start();
        join(session.reception().epoch(), log.at(flow.resumePosition()));
      }
      inbox.resume(session, flow.resumePosition());
      sendAfter = flow.resumeAfter();
      beginning++;
    } else if (!flows && flowed) {
      inbox.suspend(session);
    }
    if (before.standing() != flow.standing() || before.paused() != flow.paused()) {
      LOG.info(
          "now {}{}{}",
          flow.standing(),
          flow.paused() ? ", paused" : "",
          flow.reason().isEmpty() ? "" : " (" + flow.reason() + ")");
    }
    footing =
        new Footing(session, flow.standing(), flow.reason(), flow.paused(), beginning, sendAfter);
    wakeAll();
  }

  @Override
  public void sendable(HubSession session) {
    wakeUplink.run();
  }

  private void join(Epoch epoch, Position start) {
    state.update(s -> s.withMembership(new AgentState.Membership(epoch, start)));
  }

  private static void checkSameLog(AgentState.Membership member, Reception reception) {
    if (!member.start().isSameLogAs(reception.start())) {
      throw Fault.of(
              FaultKind.REFUSED,
              "attach to the hub",
              "hub lost positions: this agent belongs to log "
                  + member.start().incarnation()
                  + ", and the hub's log is "
                  + reception.start().incarnation())
          .hint(
              "was the hub made anew or restored? bring the right one back, or join its spokes"
                  + " anew")
          .build();
    }
  }

  private void checkSameLife(AgentState.Membership member, Reception reception) {
    if (reception.epoch().compareTo(member.epoch()) > 0) {
      newLife = new NewLife(member, reception.epoch(), reception.start(), reception.earlierLast());
      throw Fault.of(
              FaultKind.REFUSED,
              "attach to the hub",
              "this spoke goes on as epoch "
                  + reception.epoch()
                  + ", since its database went back in time")
          .hint("the agent begins anew")
          .build();
    }
    if (!member.epoch().equals(reception.epoch())) {
      throw Fault.of(
              FaultKind.REFUSED,
              "attach to the hub",
              "the hub expects epoch " + reception.epoch() + ", this agent has " + member.epoch())
          .hint("is this an old copy of the data directory? " + Resumption.START_ANEW)
          .build();
    }
  }

  private void wakeAll() {
    wakeCapture.run();
    wakeUplink.run();
    wakeControl.run();
  }
}
