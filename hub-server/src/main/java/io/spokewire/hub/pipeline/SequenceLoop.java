package io.spokewire.hub.pipeline;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.Plan;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.resolve.Constraints;
import io.spokewire.hub.stream.Refusal;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.topology.LogTimes;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts everything of one channel in one order: takes what sessions and operators left, resolves it,
 * commits it as one group, and only then acknowledges and hands on to the fan-out.
 *
 * <p>When the store fails, nothing is acknowledged, what is in memory is thrown away and built
 * again from the store, and the same requests are taken again: memory is never ahead of the log.
 *
 * <p>One thread drives it.
 */
public final class SequenceLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(SequenceLoop.class);
  private static final long FRONTIER_NANOS = 20_000_000;
  private static final long FRONTIER_POSITIONS = 4096;
  private static final long TRIM_NANOS = 5_000_000_000L;
  private static final int MOST_REQUESTS = 1024;

  private final HubStore store;
  private final Topology topology;
  private final Members members;
  private final PlanBook plans;
  private final TypeBook types;
  private final Barriers barriers;
  private final ChannelState state;
  private final Sequencer sequencer;
  private final HubWriter hub;
  private final Rulings rulings;
  private final Attachments attachments;
  private final WindowWatch window;
  private final SpokeErrors errors;
  private final ClockWatch clocks;
  private final Retention retention;
  private final PlanChecks checks = new PlanChecks();
  private final Reception reception;
  private final LogTail tail;
  private final FlowMeter meter;
  private final FanOutLoop fanOut;
  private final Bell fanOutBell;
  private final SpokeBoard board;
  private final TimeSource time;
  private final PipelineSettings settings;
  private final LongSupplier auditDurableThrough;

  // What the group in the making came from: taken again if it is not committed.
  private final List<Object> taken = new ArrayList<>();
  private final Deque<Object> again = new ArrayDeque<>();
  private Group group;
  private long lastCommitNanos;
  private long lastFrontierNanos;
  private long lastTrimNanos;

  /**
   * What the loop works with.
   *
   * @param tail where durable entries are put for the fan-out
   * @param schemas every shape that is durable
   * @param planReader a plan's text to the plan; a fault if it can't be read
   * @param auditedThrough the position number up to which the conflict audit is complete
   * @param auditDurableThrough the one after which the audit reads the log again when it restarts
   * @param fanOutBell wakes the fan-out
   */
  public record Parts(
      HubStore store,
      Topology topology,
      SpokeBoard board,
      Reception reception,
      FanOutLoop fanOut,
      LogTail tail,
      SchemaBook schemas,
      FlowMeter meter,
      WindowMeter windowMeter,
      Notices notices,
      LogTimes logTimes,
      Function<String, Plan> planReader,
      LongSupplier auditedThrough,
      LongSupplier auditDurableThrough,
      Bell fanOutBell,
      TimeSource time,
      PipelineSettings settings) {}

  public SequenceLoop(Parts parts) {
    this.store = parts.store();
    this.topology = parts.topology();
    this.board = parts.board();
    this.reception = parts.reception();
    this.tail = parts.tail();
    this.meter = parts.meter();
    this.auditDurableThrough = parts.auditDurableThrough();
    this.fanOut = parts.fanOut();
    this.fanOutBell = parts.fanOutBell();
    this.time = parts.time();
    this.settings = parts.settings();
    this.members = new Members(topology);
    this.plans = new PlanBook(parts.planReader());
    this.types = new TypeBook(topology, members, plans);
    this.barriers = new Barriers(topology, board, parts.auditedThrough());
    this.state =
        new ChannelState(
            store,
            topology,
            members,
            plans,
            parts.schemas(),
            settings.hashesKept(),
            settings.windowBytes());
    this.errors = new SpokeErrors(meter);
    this.clocks = new ClockWatch(members, board, parts.notices(), time, settings.maxSkew());
    this.retention =
        new Retention(
            state, members, board, parts.logTimes(), parts.notices(), time, settings.maxAge());
    this.hub = new HubWriter(state, time);
    this.rulings = new Rulings(state, parts.schemas(), hub, time);
    this.sequencer =
        new Sequencer(store, state, plans, barriers, meter, time, settings.maxSkew(), clocks, hub);
    this.window =
        new WindowWatch(state, settings.windowBytes(), parts.notices(), parts.windowMeter(), time);
    this.attachments =
        new Attachments(
            topology,
            members,
            state,
            store,
            plans,
            types,
            barriers,
            board,
            new TableWatch(board, parts.notices()),
            parts.fanOut());
    this.group = new Group(store.head());
  }

  Barriers barriers() {
    return barriers;
  }

  ChannelState state() {
    return state;
  }

  @Override
  public String name() {
    return "sequence";
  }

  @Override
  public int doWork() {
    if (!state.isBuilt()) { // at start, and after a fault
      state.rebuild();
      types.load();
      group = new Group(state.head());
      tail.reset(state.head().number());
      attachments.expectAll();
      fanOutBell.ring();
    }
    try {
      int done = fill();
      placeBarriers();
      settle();
      advanceFrontier();
      window.look();
      clocks.look();
      retention.look().forEach(e -> attachments.expire(e.spoke(), e.reason()));
      return done;
    } catch (Fault fault) {
      undo();
      throw fault;
    }
  }

  /** Takes what there is, up to the size of a group. */
  private int fill() {
    int done = 0;
    while (done < MOST_REQUESTS
        && group.transactions() < settings.groupTransactions()
        && group.bytes() < settings.groupBytes()) {
      Object next = next();
      if (next == null) {
        break;
      }
      if (next instanceof Command command) {
        handle(command);
      } else if (next instanceof Request request) {
        handle(request);
      }
      done++;
    }
    return done;
  }

  private @Nullable Object next() {
    Object repeated = again.poll();
    if (repeated != null) {
      return repeated;
    }
    Command command = reception.nextCommand();
    return command != null ? command : reception.nextRequest();
  }

  // ---- requests of sessions

  private void handle(Request request) {
    switch (request) {
      case Request.Upstream r -> upstream(r);
      case Request.Applied r -> applied(r);
      case Request.Attach r -> attachments.attach(r.session(), r.hello());
      case Request.Confirm r -> {
        attachments.confirm(r.session(), r.number());
        Command.Rejoin waiting = attachments.takeWaiting(r.session());
        if (waiting != null) {
          handle(waiting);
        }
      }
      case Request.Tables r -> {
        taken.add(r);
        attachments.tables(r.session(), r.report(), group);
        state.obey(Constraints.of(board.tables()));
      }
      case Request.RowRefused r -> {
        taken.add(r);
        mend(r);
      }
      case Request.PlanChecked r -> checks.answered(r.id(), r.session().spoke(), r.report());
      case Request.Condition r -> errors.condition(r.session().spoke(), r.stage(), r.fault());
      case Request.LogLost r -> attachments.logLost(r.session(), r.reason());
      case Request.Detach r -> {
        checks.gone(r.session().spoke());
        attachments.detach(r.session());
      }
    }
  }

  /** What one database refuses all will: what is not a merge waits at the spoke for a person. */
  private void mend(Request.RowRefused refused) {
    if (attachments.isConfirmed(refused.session())) {
      state
          .resolver()
          .mend(refused.table(), refused.key())
          .ifPresent(mend -> hub.write(mend.writes(), mend.conflicts(), group));
    }
  }

  private void upstream(Request.Upstream request) {
    Session session = request.session();
    Spoke spoke = attachments.flowing(session);
    if (spoke == null || !spoke.direction().sends()) {
      session.consumed(request.bytes()); // not acknowledged: it will be sent again
      attachments.missed(session);
      if (spoke != null) {
        session.refuse(Refusal.of(Refusal.MALFORMED, "a pull spoke sends no data", ""));
      }
      return;
    }
    if (attachments.hasMissed(session)) {
      session.consumed(request.bytes());
      session.refuse(
          Refusal.passing(Refusal.GAP, "data that came while none was wanted is missing"));
      return;
    }
    taken.add(request);
    Sequencer.Refused refused = sequence(spoke, request);
    group.afterwards(() -> session.consumed(request.bytes()));
    if (refused != null) {
      errors.refused(refused.refusal().code());
      if (refused.fork()) {
        attachments.fence(spoke.id(), refused.refusal().reason());
      } else {
        session.refuse(refused.refusal());
      }
    }
  }

  private Sequencer.@Nullable Refused sequence(Spoke spoke, Request.Upstream request) {
    try {
      return sequencer.take(spoke, request, group);
    } catch (Fault fault) {
      throw fault;
    } catch (RuntimeException e) {
      // Nothing else could have come of these bytes: they go, the window is built again.
      LOG.error("data of {} can't be handled; its session ends", spoke.id(), e);
      taken.remove(request);
      request.session().consumed(request.bytes());
      request
          .session()
          .refuse(Refusal.of(Refusal.MALFORMED, "the hub can't handle its data: " + e, ""));
      throw Fault.of(FaultKind.INTERNAL, "sequence data of " + spoke.id(), String.valueOf(e))
          .healsByItself()
          .causedBy(e);
    }
  }

  private void applied(Request.Applied request) {
    SpokeId spoke = request.session().spoke();
    if (attachments.isConfirmed(request.session())) {
      Position before = state.applied(spoke);
      Spoke member = members.find(spoke);
      boolean isFirst =
          before == null || (member != null && before.number() == member.startsAfter());
      errors.parked(spoke, request.parked(), isFirst);
      state.applied(spoke, state.head().at(request.position()));
      board.update(
          spoke,
          r ->
              r.withApplied(
                  Math.max(r.applied(), request.position()), request.parked(), request.kept()));
    }
  }

  // ---- commands of operators

  private void handle(Command command) {
    try {
      switch (command) {
        case Command.Pause c -> attachments.pause(c.spoke(), c.answer());
        case Command.Resume c -> {
          attachments.resume(c.spoke());
          c.answer().complete(null);
        }
        case Command.Rejoin c -> {
          attachments.rejoin(c, group);
          taken.add(c);
        }
        case Command.Remove c -> {
          attachments.remove(c.spoke());
          errors.forget(c.spoke());
          clocks.forget(c.spoke());
          retention.forget(c.spoke());
          c.answer().complete(null);
        }
        case Command.CheckPlan c -> checkPlan(c);
        case Command.ApplyPlan c -> applyPlan(c);
        case Command.Rule c -> {
          rulings.carryOut(c.verdict(), c.amendments(), c.by(), c.reason(), group);
          taken.add(c);
          group.afterwards(() -> c.answer().complete(null));
        }
        case Command.TakeBarrier c -> {
          members.refresh();
          barriers.begin(c.barrier());
          attachments.askBarrier(c.barrier());
          c.answer().complete(null);
        }
      }
    } catch (Fault fault) {
      command.answer().completeExceptionally(fault);
    }
  }

  private void checkPlan(Command.CheckPlan command) {
    List<Session> sessions = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    members.refresh();
    for (Spoke spoke : members.all()) {
      Session session = attachments.sessionOf(spoke.id());
      if (session != null) {
        sessions.add(session);
      } else if (Members.isMember(spoke)) {
        lines.add(spoke.id() + ": offline, its tables were not checked");
      }
    }
    checks.begin(
        PlanBook.scope(command.plan(), plans.version().next(), 0),
        sessions,
        lines,
        reports -> together(command.plan(), reports),
        command.answer());
  }

  private List<String> together(Plan plan, Map<SpokeId, TableReport> reports) {
    List<String> lines =
        new ArrayList<>(types.outlook(plan, reports, attachments::engineOf).lines());
    lines.addAll(CollidingNumbers.of(reports, this::sends));
    return lines;
  }

  private boolean sends(SpokeId id) {
    Spoke spoke = members.find(id);
    return spoke != null && spoke.direction().sends();
  }

  private void applyPlan(Command.ApplyPlan command) {
    List<String> misfits = RuleMisfits.of(command.plan(), command.check().reports());
    if (!misfits.isEmpty()) {
      throw Fault.of(
              FaultKind.USAGE,
              "apply plan",
              "rules that do not fit their columns\n" + String.join("\n", misfits))
          .hint("give those columns another rule")
          .build();
    }
    members.refresh();
    TypeBook.Outlook outlook =
        types.outlook(command.plan(), command.check().reports(), attachments::engineOf);
    if (!outlook.refused().isEmpty()) {
      throw Fault.of(
              FaultKind.USAGE,
              "apply plan",
              "types that do not go together\n" + String.join("\n", outlook.refused()))
          .hint("change a column's type, or leave its table out of the plan")
          .build();
    }
    AddedTables added = new AddedTables(plans, members.all(), command.check().reports());
    List<String> unequal = added.unequal(command.plan(), members.all());
    if (!unequal.isEmpty() && !command.assumeIdentical()) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "apply plan",
              "tables that it adds may not start equal\n" + String.join("\n", unequal))
          .hint("empty them, or say --assume-identical if they hold the same rows everywhere")
          .build();
    }
    List<SpokeId> assumed =
        command.assumeIdentical()
            ? members.all().stream().filter(s -> isAssumed(s, added)).map(Spoke::id).toList()
            : List.of();
    types.agree(outlook);
    taken.add(command);
    Position position = group.next();
    PlanRecord record =
        new PlanRecord(
            plans.version().next(), command.text(), position.number(), time.epochMicros());
    group.add(new LogEntry.PlanSwitch(position, record.version(), record.text()));
    plans.use(record);
    state.resolver().rules(plans.rules());
    group.afterwards(
        () -> {
          PlanRecord kept = topology.addPlan(record);
          assumed.forEach(id -> topology.update(id, s -> s.withAssumeIdentical(true)));
          members.refresh();
          attachments.announcePlan();
          command.answer().complete(kept);
        });
  }

  /**
   * The operator's word is about the tables that the plan adds: it makes a joining spoke live that
   * has rows in no other, and is remembered of a live one that has rows in them.
   */
  private static boolean isAssumed(Spoke spoke, AddedTables added) {
    return Members.isMember(spoke) ? added.hasFilled(spoke) : added.areAllThatIsFilledAt(spoke);
  }

  private void placeBarriers() {
    for (BarrierId barrier : barriers.complete()) {
      Position position = group.next();
      group.add(new LogEntry.Barrier(position, barrier));
      barriers.placed(barrier);
      group.afterwards(() -> barriers.durable(barrier, position.number()));
    }
  }

  // ---- making it durable

  private void settle() {
    boolean moved = state.hasMoved();
    if (group.hasEntries()
        || (moved && time.nanos() - lastCommitNanos >= settings.lazily().toNanos())) {
      commit();
    } else if (!moved) {
      finish(); // all of it is durable already
    }
  }

  private void commit() {
    store.commit(state.complete(group));
    lastCommitNanos = time.nanos();
    state.settled(group);
    tail.append(group.entries());
    if (group.hasEntries()) {
      fanOutBell.ring();
      count();
    }
    finish();
    trim();
  }

  private void finish() {
    Group done = group;
    group = new Group(state.head());
    taken.clear();
    barriers.settled();
    for (SpokeId spoke : done.toAcknowledge()) {
      acknowledge(spoke);
    }
    done.known().forEach(this::sayKnown);
    Fault first = null;
    for (Runnable action : done.afterwards()) {
      try {
        action.run();
      } catch (Fault fault) { // the topology's; the other actions are owed all the same
        first = fault;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void acknowledge(SpokeId id) {
    Session session = attachments.sessionOf(id);
    Spoke spoke = members.find(id);
    if (session != null && spoke != null) {
      WriterState writer = state.desk(spoke).state();
      session.acknowledge(writer.last(), writer.sourcePosition());
    }
  }

  private void sayKnown(SpokeId id, Sequence sequence) {
    Session session = attachments.sessionOf(id);
    if (session != null) {
      fanOut.known(session, sequence.number(), state.head().number());
    }
  }

  private void count() {
    for (LogEntry entry : group.entries()) {
      if (entry instanceof LogEntry.Outcome outcome) {
        meter.logged(outcome.transaction().rows());
        outcome.conflicts().forEach(c -> meter.conflict(c.table(), c.rule()));
      }
    }
    meter.committed(group.transactions(), group.rows());
  }

  /** Nothing of the group happened. */
  private void undo() {
    for (Object one : taken.reversed()) {
      again.addFirst(one);
    }
    taken.clear();
    group = new Group(state.head());
    barriers.unplaced();
    state.spoil();
  }

  private void advanceFrontier() {
    long frontier = state.frontier();
    long now = time.nanos();
    long last = state.resolvedFrontier();
    if (frontier > last
        && (now - lastFrontierNanos >= FRONTIER_NANOS || frontier - last >= FRONTIER_POSITIONS)) {
      state.advanceFrontier(frontier);
      lastFrontierNanos = now;
    }
  }

  /** Right after a commit, when everything that the frontier rests on is durable. */
  private void trim() {
    long now = time.nanos();
    if (now - lastTrimNanos < TRIM_NANOS) {
      return;
    }
    lastTrimNanos = now;
    long size = store.sizeInBytes();
    if (size <= settings.retainedBytes()) {
      return;
    }
    long trimmed = store.trimmedThrough().number();
    long entries = state.head().number() - trimmed;
    double share = (double) (size - settings.retainedBytes()) / size;
    long wanted = trimmed + (long) Math.ceil(entries * share);
    long allowed = Math.min(state.trimmable(), auditDurableThrough.getAsLong());
    long through = Math.min(wanted, allowed);
    if (through > trimmed) {
      store.trimThrough(state.head().at(through));
    }
  }
}
