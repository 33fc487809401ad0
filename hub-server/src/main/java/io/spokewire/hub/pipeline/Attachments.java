package io.spokewire.hub.pipeline;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.stream.FlowState;
import io.spokewire.hub.stream.Hello;
import io.spokewire.hub.stream.PlanScope;
import io.spokewire.hub.stream.Refusal;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.stream.Welcome;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is attached, and who may be: one session per spoke, told apart from copies by its number.
 * Lets data flow for spokes that are live and not paused. Owned by the sequencing loop.
 */
final class Attachments {
  private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);
  private static final int PROTOCOL = 1;

  private final Topology topology;
  private final Members members;
  private final ChannelState state;
  private final HubStore store;
  private final PlanBook plans;
  private final TypeBook types;
  private final Barriers barriers;
  private final SpokeBoard board;
  private final TableWatch tables;
  private final FanOutLoop fanOut;
  private final Map<SpokeId, Attached> attached = new HashMap<>();
  private final Map<SpokeId, Command.Rejoin> waiting = new HashMap<>(); // for an agent's new hello

  Attachments(
      Topology topology,
      Members members,
      ChannelState state,
      HubStore store,
      PlanBook plans,
      TypeBook types,
      Barriers barriers,
      SpokeBoard board,
      TableWatch tables,
      FanOutLoop fanOut) {
    this.topology = topology;
    this.members = members;
    this.state = state;
    this.store = store;
    this.plans = plans;
    this.types = types;
    this.barriers = barriers;
    this.board = board;
    this.tables = tables;
    this.fanOut = fanOut;
  }

  private static final class Attached {
    final Session session;
    final Hello hello;
    final long number;
    final FlowState welcomed; // what it was told of the flow
    PlanScope plan; // the plan it was told last
    boolean confirmed;
    boolean missed; // data of it, which did not count when it came
    boolean flowed; // since its hello, so that its database may hold more than that says

    Attached(Session session, Hello hello, long number, FlowState welcomed, PlanScope plan) {
      this.session = session;
      this.hello = hello;
      this.number = number;
      this.welcomed = welcomed;
      this.plan = plan;
    }
  }

  /** The spoke of a session whose data counts now: attached, confirmed, live and not paused. */
  @Nullable Spoke flowing(Session session) {
    Attached one = current(session);
    Spoke spoke = one == null || !one.confirmed ? null : members.find(session.spoke());
    return spoke != null && flows(spoke) ? spoke : null;
  }

  /** Data of this session came when it did not count. */
  void missed(Session session) {
    Attached one = current(session);
    if (one != null) {
      one.missed = true;
    }
  }

  /**
   * Whether data of this session may be missing before what comes now. A pause that is shorter than
   * the way to the hub stops and resumes between two of its batches; transactions tell by their
   * numbers that one is missing between them, marks don't.
   */
  boolean hasMissed(Session session) {
    Attached one = current(session);
    return one != null && one.missed;
  }

  boolean isConfirmed(Session session) {
    Attached one = current(session);
    return one != null && one.confirmed;
  }

  /** The session of a spoke that has confirmed it. */
  @Nullable Session sessionOf(SpokeId spoke) {
    Attached one = attached.get(spoke);
    return one == null || !one.confirmed ? null : one.session;
  }

  void forEachConfirmed(Consumer<Session> action) {
    List.copyOf(attached.values()).stream()
        .filter(one -> one.confirmed)
        .forEach(one -> action.accept(one.session));
  }

  // ---- handshake

  void attach(Session session, Hello hello) {
    try {
      Refusal refusal = greet(session, hello);
      if (refusal != null) {
        session.refuse(refusal);
      }
    } catch (Fault fault) {
      LOG.warn("{} can't attach now: {}", session.spoke(), fault.getMessage());
      session.refuse(new Refusal("hub_fault", fault.reason(), fault.hint(), fault.healsByItself()));
    }
  }

  /** Null when the session was welcomed. */
  private @Nullable Refusal greet(Session session, Hello hello) {
    members.refresh();
    Spoke spoke = members.find(session.spoke());
    Refusal refusal = spoke == null ? removed() : refusalOf(spoke, hello);
    if (spoke == null || refusal != null) {
      return refusal;
    }
    Spoke greeted = judge(spoke, hello);
    Position checkpoint = hello.checkpoint();
    if (greeted.standing() == Standing.LIVE && checkpoint != null) {
      state.applied(greeted.id(), checkpoint);
    }
    long number = Math.max(greeted.session(), hello.session()) + 1;
    FlowState flow = flowOf(greeted);
    PlanScope plan = scopeFor(greeted.id());
    attached.put(greeted.id(), new Attached(session, hello, number, flow, plan));
    board.update(greeted.id(), r -> r.withEngine(hello.engineVersion(), hello.capture()));
    session.welcome(
        new Welcome(
            PROTOCOL,
            number,
            greeted.direction(),
            state.desk(greeted).state(),
            state.head(),
            flow,
            plan,
            greeted.startsAfter(),
            isOfEarlierEpoch(greeted, hello)
                ? state.last(greeted.id(), new Epoch(hello.epoch()))
                : Sequence.NONE));
    return null;
  }

  private @Nullable Refusal refusalOf(Spoke spoke, Hello hello) {
    if (hello.protocolMin() > PROTOCOL || hello.protocolMax() < PROTOCOL) {
      return Refusal.of(
          Refusal.PROTOCOL,
          "the agent speaks protocol "
              + hello.protocolMin()
              + " to "
              + hello.protocolMax()
              + ", this hub needs protocol "
              + PROTOCOL,
          "give agent and hub versions that go together");
    }
    if (spoke.standing() == Standing.FENCED) {
      return Refusal.of(Refusal.FENCED, spoke.reason(), Refusal.START_ANEW);
    }
    if (hello.session() < spoke.session()) {
      String reason =
          "an agent of an older session ("
              + hello.session()
              + ", the last is "
              + spoke.session()
              + ") showed up: two copies of it?";
      fence(spoke.id(), reason);
      return Refusal.of(Refusal.FENCED, reason, Refusal.START_ANEW);
    }
    if (attached.containsKey(spoke.id())) {
      return Refusal.passing(Refusal.IN_USE, "another session of " + spoke.id() + " is open");
    }
    Position checkpoint = hello.checkpoint();
    if (checkpoint != null && !checkpoint.isSameLogAs(state.head())) {
      return lostPositions(
          "the database holds positions of another log, " + checkpoint.incarnation());
    }
    if (checkpoint != null && checkpoint.isAfter(state.head())) {
      return lostPositions(
          "the database holds position "
              + checkpoint.number()
              + ", the hub's log ends at "
              + state.head().number());
    }
    if (hello.epoch() != 0
        && hello.hasHistory()
        && hello.epoch() != spoke.epoch().number()
        && !isOfEarlierEpoch(spoke, hello)) {
      return Refusal.of(
          Refusal.FENCED,
          "the agent is of epoch " + hello.epoch() + ", the spoke of " + spoke.epoch(),
          Refusal.START_ANEW);
    }
    return null;
  }

  /** An agent that is yet to learn that its spoke rejoined; a copy of it was found out before. */
  private static boolean isOfEarlierEpoch(Spoke spoke, Hello hello) {
    return hello.epoch() != 0
        && hello.epoch() < spoke.epoch().number()
        && spoke.standing() != Standing.JOINING;
  }

  private static Refusal removed() {
    return Refusal.of(
        Refusal.REMOVED, "this spoke was removed from the topology", "join again with a new token");
  }

  private static Refusal lostPositions(String reason) {
    return Refusal.of(
        Refusal.HUB_LOST_POSITIONS,
        reason,
        "was the hub restored from an older copy? put its newest data directory back, or set up a"
            + " new hub and join every spoke to it");
  }

  /** Compares what the agent holds with what it held before. */
  private Spoke judge(Spoke spoke, Hello hello) {
    if (spoke.standing() == Standing.JOINING) {
      Epoch unused = state.unusedEpoch(spoke);
      return unused.equals(spoke.epoch()) ? spoke : change(spoke.id(), s -> s.withEpoch(unused));
    }
    if (!spoke.direction().receives() || spoke.standing() == Standing.FENCED) {
      return spoke;
    }
    Position checkpoint = hello.checkpoint();
    long holds = checkpoint == null ? spoke.startsAfter() : checkpoint.number();
    if (spoke.standing() == Standing.NEEDS_RESYNC) {
      state.keepFor(spoke.id(), holds);
    }
    if (spoke.standing() != Standing.LIVE) {
      return spoke;
    }
    long held = heldBefore(spoke);
    if (holds < held) {
      state.keepFor(spoke.id(), holds);
      return needsResync(
          spoke.id(),
          "its database went back in time: it holds position "
              + holds
              + ", and "
              + held
              + " was reported durable; if it was restored on purpose: syncadm topology rejoin "
              + spoke.id()
              + " --catch-up");
    }
    if (holds < store.trimmedThrough().number()) {
      return needsResync(
          spoke.id(),
          "it was away too long: it needs the log from "
              + holds
              + ", which begins at "
              + store.trimmedThrough().number());
    }
    return spoke;
  }

  /** What the spoke's database has been known to hold durably: by its reports and its own log. */
  private long heldBefore(Spoke spoke) {
    Position reported = state.applied(spoke.id());
    long held = reported == null ? 0 : reported.number();
    return spoke.direction().sends()
        ? Math.max(held, state.desk(spoke).state().context().low().number())
        : held;
  }

  void confirm(Session session, long number) {
    Attached one = current(session);
    if (one == null) {
      return;
    }
    if (number != one.number) {
      session.refuse(
          Refusal.of(Refusal.MALFORMED, "session " + number + " confirmed, not " + one.number, ""));
      return;
    }
    Spoke spoke = change(session.spoke(), s -> s.withSession(number));
    one.confirmed = true;
    board.update(spoke.id(), r -> r.withConnected(true));
    Position holds = state.applied(spoke.id());
    if (holds != null) {
      board.update(spoke.id(), r -> r.withApplied(holds.number(), r.parked(), r.kept()));
    }
    LOG.info("{} is attached, session {}", spoke.id(), number);
    FlowState flow = flowOf(spoke);
    if (flow.paused() != one.welcomed.paused() || flow.standing() != one.welcomed.standing()) {
      session.flow(flow); // changed between welcome and now; nobody but the welcomed is told
    }
    tellPlan(one);
    begin(spoke, session);
  }

  void detach(Session session) {
    Attached one = current(session);
    if (one == null) {
      return;
    }
    attached.remove(session.spoke());
    fanOut.close(session);
    board.update(session.spoke(), r -> r.withConnected(false));
    if (one.confirmed) {
      LOG.info("{} is detached", session.spoke());
    }
  }

  // ---- becoming live

  /** The spoke's tables are known; it may be live now. */
  void tables(Session session, TableReport report, Group group) {
    Attached one = current(session);
    if (one == null || !one.confirmed) {
      return;
    }
    members.refresh();
    Spoke spoke = members.find(session.spoke());
    List<String> misfits =
        spoke == null || report.planVersion() != plans.scope().version()
            ? List.of()
            : types.report(spoke, engineOf(spoke.id()).orElse(null), report);
    if (spoke != null) {
      tables.look(spoke, report, misfits);
    }
    tellPlan(one);
    decide(session.spoke(), report, misfits, group);
  }

  private void decide(SpokeId id, TableReport report, List<String> misfits, Group group) {
    Spoke spoke = members.find(id);
    if (spoke == null || spoke.standing() != Standing.JOINING) {
      return;
    }
    boolean whole = store.trimmedThrough().number() == 0;
    switch (Joining.decide(
        spoke,
        plans.scope(),
        report,
        RuleMisfits.of(plans.plan(), report),
        misfits,
        report.agreedTypes().equals(types.neededBy(id)),
        members.all(),
        whole)) {
      case Joining.Decision.Wait wait -> {
        if (!wait.reason().equals(spoke.reason())) {
          Spoke waiting = change(id, s -> s.withStanding(Standing.JOINING, wait.reason()));
          tell(waiting);
        }
      }
      case Joining.Decision.Live live -> {
        LogEntry.Join join = new LogEntry.Join(group.next(), id, spoke.epoch(), live.assumed());
        group.add(join);
        long start = live.assumed() ? join.position().number() : 0;
        group.begins(id, join.position().at(start));
        group.afterwards(() -> live(id, start, live.assumed()));
      }
    }
  }

  private void live(SpokeId id, long start, boolean assumed) {
    Spoke spoke = change(id, s -> s.live(start, assumed));
    types.live(id);
    state.begin(spoke);
    if (start < state.resolvedFrontier()) {
      // It will write without having seen what the window has forgotten already: the log still has
      // all of it, since it is whole.
      state.spoil();
    }
    LOG.info("{} is live from position {}", id, start);
    Session session = sessionOf(id);
    if (session != null) {
      board.update(id, r -> r.withApplied(start, r.parked(), r.kept()));
      session.flow(flowOf(spoke));
      begin(spoke, session);
    }
  }

  // ---- operators and faults

  void pause(SpokeId id, CompletableFuture<Void> answer) {
    Spoke spoke = change(id, s -> s.withPaused(true));
    tell(spoke);
    fanOut.pause(id, answer);
  }

  void resume(SpokeId id) {
    Spoke spoke = change(id, s -> s.withPaused(false));
    tell(spoke);
    fanOut.resume(id);
    Session session = sessionOf(id);
    if (session != null) {
      askBarriers(spoke, session);
    }
  }

  /**
   * Lets a spoke that went back in time take part again, from what its database holds on. The agent
   * must have said so in its hello and nothing have flowed since: if not, it is asked to greet
   * anew, and the command waits for that.
   */
  void rejoin(Command.Rejoin command, Group group) {
    SpokeId id = command.spoke();
    members.refresh();
    Spoke spoke = members.find(id);
    Attached one = attached.get(id);
    Rejoining.check(id, spoke, one != null && one.confirmed);
    if (spoke == null || one == null) {
      return;
    }
    if (one.flowed) {
      waiting.put(id, command);
      one.session.refuse(Refusal.passing(Refusal.REJOIN, "what does its database hold now?"));
      return;
    }
    long after = Rejoining.after(spoke, one.hello, state, store);
    Epoch epoch = state.unusedEpoch(spoke.withEpoch(spoke.epoch().next()));
    LogEntry.EpochChange change = new LogEntry.EpochChange(group.next(), id, epoch, after);
    group.add(change);
    group.begins(id, change.position().at(after));
    group.afterwards(
        () -> {
          rejoined(change);
          command.answer().complete(null);
        });
  }

  private void rejoined(LogEntry.EpochChange change) {
    SpokeId id = change.spoke();
    Spoke spoke = change(id, s -> s.rejoined(change.epoch(), change.after()));
    state.begin(spoke);
    if (change.after() < state.resolvedFrontier()) {
      state.spoil(); // it will write without having seen what the window has forgotten already
    }
    LOG.info("{} rejoins as epoch {} from position {}", id, change.epoch(), change.after());
    fanOut.forget(id);
    fanOut.expect(id, change.after());
    board.update(id, r -> r.withApplied(change.after(), r.parked(), r.kept()));
    Attached one = attached.get(id);
    if (one != null) {
      one.session.refuse(Refusal.passing(Refusal.REJOIN, "it goes on as epoch " + change.epoch()));
    }
  }

  /** The rejoin that waited for this session's hello; null if none did. */
  Command.@Nullable Rejoin takeWaiting(Session session) {
    Command.Rejoin command = isConfirmed(session) ? waiting.remove(session.spoke()) : null;
    return command == null || command.answer().isDone() ? null : command;
  }

  void remove(SpokeId id) {
    waiting.remove(id);
    topology.remove(id);
    members.refresh();
    Attached one = attached.remove(id);
    if (one != null) {
      one.session.refuse(removed());
    }
    fanOut.forget(id);
    barriers.forget(id);
    state.forget(id);
    types.forget(id);
    board.forget(id);
    tables.forget(id);
  }

  /** Two copies of an agent: neither may go on. */
  void fence(SpokeId id, String reason) {
    change(id, s -> s.withStanding(Standing.FENCED, reason));
    LOG.warn("{} is fenced: {}", id, reason);
    Attached one = attached.get(id);
    if (one != null) {
      one.session.refuse(Refusal.of(Refusal.FENCED, reason, Refusal.START_ANEW));
    }
  }

  void logLost(Session session, String reason) {
    if (isConfirmed(session)) {
      tell(needsResync(session.spoke(), reason));
      fanOut.close(session);
    }
  }

  /** The spoke lacks changes for too long: nothing is kept for it any more. */
  void expire(SpokeId id, String reason) {
    LOG.warn("{} needs a resync: {}", id, reason);
    Spoke expired = change(id, s -> s.withStanding(Standing.EXPIRED, reason));
    state.keepNoLongerFor(id);
    fanOut.forget(id);
    tell(expired);
  }

  /** Every spoke that receives exists, attached or not. */
  void expectAll() {
    for (Spoke spoke : members.all()) {
      if (Members.isMember(spoke) && spoke.direction().receives()) {
        Position position = state.applied(spoke.id());
        fanOut.expect(spoke.id(), position == null ? spoke.startsAfter() : position.number());
      }
    }
  }

  /** Tells every session the plan in force. */
  void announcePlan() {
    attached.values().stream().filter(one -> one.confirmed).forEach(this::tellPlan);
  }

  private void tellPlan(Attached one) {
    PlanScope scope = scopeFor(one.session.spoke());
    if (!scope.equals(one.plan)) {
      one.plan = scope;
      one.session.plan(scope);
    }
  }

  private PlanScope scopeFor(SpokeId spoke) {
    return plans.scope().withTypes(types.neededBy(spoke));
  }

  /** The engine of an attached spoke, if it is known here. */
  Optional<DatabaseEngine> engineOf(SpokeId spoke) {
    Attached one = attached.get(spoke);
    return one == null ? Optional.empty() : DatabaseEngine.ofLabel(one.hello.engine());
  }

  /** Asks every spoke that can for this barrier's mark; the others are asked when they can. */
  void askBarrier(BarrierId barrier) {
    forEachConfirmed(
        session -> {
          Spoke spoke = members.find(session.spoke());
          if (spoke != null && flows(spoke) && spoke.direction().sends()) {
            session.askBarrier(barrier);
          }
        });
  }

  private Spoke needsResync(SpokeId id, String reason) {
    LOG.warn("{} needs a resync: {}", id, reason);
    return change(id, s -> s.withStanding(Standing.NEEDS_RESYNC, reason));
  }

  /** Lets data flow, if the spoke may have it. */
  private void begin(Spoke spoke, Session session) {
    Attached one = current(session);
    if (one == null || spoke.standing() != Standing.LIVE) {
      return;
    }
    one.flowed = true;
    if (spoke.direction().receives()) {
      fanOut.open(session, state.desk(spoke).state().writer(), resumeAfter(spoke), spoke.paused());
    }
    askBarriers(spoke, session);
  }

  private void askBarriers(Spoke spoke, Session session) {
    if (flows(spoke) && spoke.direction().sends()) {
      barriers.owedBy(spoke.id()).forEach(session::askBarrier);
    }
  }

  private void tell(Spoke spoke) {
    Session session = sessionOf(spoke.id());
    if (session != null) {
      session.flow(flowOf(spoke));
    }
  }

  private FlowState flowOf(Spoke spoke) {
    return new FlowState(
        spoke.paused(),
        spoke.standing(),
        spoke.reason(),
        state.desk(spoke).state().last().number(),
        resumeAfter(spoke));
  }

  private long resumeAfter(Spoke spoke) {
    Position holds = state.applied(spoke.id());
    return holds == null || spoke.standing() == Standing.JOINING
        ? spoke.startsAfter()
        : holds.number();
  }

  private Spoke change(SpokeId id, UnaryOperator<Spoke> how) {
    Spoke changed = topology.update(id, how);
    members.refresh();
    return changed;
  }

  private @Nullable Attached current(Session session) {
    Attached one = attached.get(session.spoke());
    return one != null && one.session == session ? one : null;
  }

  private static boolean flows(Spoke spoke) {
    return spoke.standing() == Standing.LIVE && !spoke.paused();
  }
}
