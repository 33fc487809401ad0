package io.spokewire.hub.pipeline;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.resolve.ColdRows;
import io.spokewire.hub.resolve.Constraints;
import io.spokewire.hub.resolve.Resolver;
import io.spokewire.hub.resolve.RowSet;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sequencer knows of its channel: a fold of the log (I7), so that it can be thrown away
 * and built again at any time. It runs ahead of the store only within one group; if that group is
 * not committed, it must be {@link #spoil spoiled}. Owned by the sequencer.
 */
final class ChannelState {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelState.class);

  /** How many rows a rebuild tells apart from those that nobody wrote above the frontier. */
  private static final long MOST_ROWS_NAMED = 500_000;

  private final HubStore store;
  private final Topology topology;
  private final Members members;
  private final PlanBook plans;
  private final SchemaBook schemas;
  private final int hashesKept;
  private final ColdRows cold;
  private final long windowBytes;
  private final Position beginning;

  private final Map<SpokeId, WriterDesk> desks = new HashMap<>();
  private final Set<Writer> known = new HashSet<>(); // writers of which the store has something
  private final Map<Writer, WriterState> before = new HashMap<>(); // of earlier epochs
  private final Map<SpokeId, EarlierLife> earlier = new HashMap<>();
  private final Set<SchemaId> stored = new HashSet<>();

  // What spokes reported; never rebuilt from less than that.
  private final Map<SpokeId, Position> applied = new HashMap<>();
  private final Set<SpokeId> appliedMoved = new HashSet<>();

  /** For spokes that went back: where the log has to begin for them, until somebody decides. */
  private final Map<SpokeId, Long> keptFor = new HashMap<>();

  private Map<TableName, Constraints> constraints = Map.of();
  private Resolver resolver;
  private Position head;
  private long frontier;
  private long windowFrom; // a rebuild replays what lies after it into the window
  private boolean built;
  private boolean topologyWasBehind;

  ChannelState(
      HubStore store,
      Topology topology,
      Members members,
      PlanBook plans,
      SchemaBook schemas,
      int hashesKept,
      long windowBytes) {
    this.store = store;
    this.topology = topology;
    this.members = members;
    this.plans = plans;
    this.schemas = schemas;
    this.hashesKept = hashesKept;
    this.cold = new StoredRows(store);
    this.windowBytes = windowBytes;
    this.head = store.head();
    this.beginning = head.at(0);
    this.resolver = emptyWindow();
  }

  boolean isBuilt() {
    return built;
  }

  /** What is in memory may be more than what is in the store: build it again before going on. */
  void spoil() {
    built = false;
  }

  /** Reads the store and folds the log above the frontier. */
  void rebuild() {
    members.refresh();
    plans.load(topology);
    head = store.head();
    HubStore.Recovered recovered = store.recover();
    stored.clear();
    for (TableSchema schema : recovered.schemas()) {
      schemas.add(schema);
      stored.add(schema.id());
    }
    desks.clear();
    known.clear();
    before.clear();
    earlier.clear();
    recovered.writers().forEach(this::take);
    recovered.applied().forEach(applied::putIfAbsent);
    resolver = emptyWindow();
    frontier = members.frontier(this::contextOf, head.number());
    fold();
    if (topologyWasBehind) {
      topologyWasBehind = false;
      rebuild();
      return;
    }
    resolver.advanceFrontier(frontier);
    built = true;
    LOG.info(
        "log of {} ends at {}, frontier {}, window {}",
        head.channel(),
        head.number(),
        frontier,
        resolver.size());
  }

  private Resolver emptyWindow() {
    Resolver empty = new Resolver(schemas, plans.rules(), cold, windowBytes);
    empty.obey(constraints);
    return empty;
  }

  private void take(WriterState state) {
    known.add(state.writer()); // of one that only sent marks, too: its place is known here
    if (state.writer().equals(hub())) {
      desks.put(SpokeId.HUB, new WriterDesk(state, hashesKept));
      return;
    }
    Spoke spoke = members.find(state.writer().spoke());
    if (spoke != null && spoke.epoch().equals(state.writer().epoch())) {
      desks.put(spoke.id(), new WriterDesk(state, hashesKept));
    } else {
      before.put(state.writer(), state);
    }
  }

  private void fold() {
    long trimmed = store.trimmedThrough().number();
    if (frontier < trimmed) {
      throw Fault.invariant(
          "I5", "the log was trimmed through " + trimmed + ", but the frontier is " + frontier);
    }
    windowFrom = Math.max(trimmed, neededFrom(frontier));
    // Of what lies at or below the frontier, only the past of rows that were written above it.
    RowSet recent = windowFrom < frontier ? rowsAboveFrontier() : RowSet.EVERY;
    long from = Math.max(trimmed, Math.min(windowFrom, head.number() - hashesKept));
    resolver.rules(plans.rulesAfter(from)); // which columns belong together is the plan's to say
    try (HubStore.EntryReader entries = store.read(head.at(from))) {
      Transaction staged = null;
      while (entries.hasNext()) {
        switch (entries.next()) {
          case LogEntry.OutcomePart part -> {
            if (isForWindow(part)) {
              staged = staged == null ? headerOf(part.position()) : staged;
              resolver.replay(part, staged, recent);
            }
          }
          case LogEntry.Outcome outcome -> {
            staged = null;
            remember(outcome.transaction());
            if (isForWindow(outcome)) {
              resolver.replay(outcome, recent);
            }
          }
          case LogEntry.PlanSwitch plan -> fold(plan);
          case LogEntry.SchemaChange change -> {}
          case LogEntry.Join join -> {}
          case LogEntry.EpochChange change -> fold(change);
          case LogEntry.Barrier barrier -> {}
          case LogEntry.Ruling ruling -> {}
        }
      }
    }
  }

  /** The process ended between the log's commit and the topology's. */
  private void fold(LogEntry.EpochChange change) {
    Spoke spoke = members.find(change.spoke());
    if (spoke != null && spoke.epoch().compareTo(change.epoch()) < 0) {
      topology.update(spoke.id(), s -> s.rejoined(change.epoch(), change.after()));
      applied.put(spoke.id(), beginning.at(change.after()));
      topologyWasBehind = true;
    }
  }

  /**
   * Where the log has to begin so that the window above a position can be put back: what the
   * entries there had not seen is part of it, see Resolver.
   */
  long neededFrom(long above) {
    long needed = above;
    try (HubStore.EntryReader entries = store.read(head.at(above))) {
      while (entries.hasNext()) {
        if (entries.next() instanceof LogEntry.Outcome outcome) {
          needed = Math.min(needed, Resolver.needsFrom(outcome));
        }
      }
    }
    return needed;
  }

  private RowSet rowsAboveFrontier() {
    RowSet rows = new RowSet();
    try (HubStore.EntryReader entries = store.read(head.at(frontier))) {
      while (entries.hasNext()) {
        switch (entries.next()) {
          case LogEntry.OutcomePart part -> rows.addAll(part.rows(), schemas);
          case LogEntry.Outcome outcome -> rows.addAll(outcome.transaction().rows(), schemas);
          case LogEntry.PlanSwitch plan -> {}
          case LogEntry.SchemaChange change -> {}
          case LogEntry.Join join -> {}
          case LogEntry.EpochChange change -> {}
          case LogEntry.Barrier barrier -> {}
          case LogEntry.Ruling ruling -> {}
        }
        if (rows.size() > MOST_ROWS_NAMED) {
          return RowSet.EVERY; // costs time, not memory: what is too much becomes cold
        }
      }
    }
    return rows;
  }

  private boolean isForWindow(LogEntry entry) {
    return entry.position().number() > windowFrom;
  }

  private void remember(Transaction transaction) {
    WriterDesk desk = desks.get(transaction.writer().spoke());
    if (desk != null && desk.state().writer().equals(transaction.writer())) {
      desk.remember(transaction.sequence(), transaction.hash());
    }
  }

  /** The process ended between the log's commit and the topology's. */
  private void fold(LogEntry.PlanSwitch plan) {
    if (plan.version().compareTo(plans.version()) > 0) {
      PlanRecord record = new PlanRecord(plan.version(), plan.text(), plan.position().number(), 0);
      plans.use(topology.addPlan(record));
    }
    resolver.rules(plans.rulesAfter(plan.position().number()));
  }

  private Transaction headerOf(Position position) {
    try (HubStore.EntryReader ahead = store.read(position.at(position.number() - 1))) {
      while (ahead.hasNext()) {
        if (ahead.next() instanceof LogEntry.Outcome outcome) {
          return outcome.transaction();
        }
      }
    }
    throw Fault.invariant("parts with their outcome", "no outcome after parts at " + position);
  }

  Position head() {
    return head;
  }

  /** The table that rows of this shape belong to. */
  TableName tableOf(SchemaId shape) {
    return schemas.get(shape).table();
  }

  Resolver resolver() {
    return resolver;
  }

  /** A spoke's writer; one that never sent anything begins where the spoke does. */
  WriterDesk desk(Spoke spoke) {
    Writer writer = writer(spoke);
    WriterDesk desk = desks.get(spoke.id());
    if (desk == null || !desk.state().writer().equals(writer)) {
      desk = newDesk(writer, spoke.startsAfter());
      desks.put(spoke.id(), desk);
    }
    return desk;
  }

  /** The writer of what the hub writes itself. */
  WriterDesk hubDesk() {
    return desks.computeIfAbsent(SpokeId.HUB, hub -> newDesk(hub(), 0));
  }

  private WriterDesk newDesk(Writer writer, long startsAfter) {
    return new WriterDesk(
        new WriterState(
            writer,
            Sequence.NONE,
            ChainHash.START,
            SourcePosition.NONE,
            Context.through(beginning.at(startsAfter)),
            HybridTime.ZERO),
        hashesKept);
  }

  private Writer hub() {
    return new Writer(SpokeId.HUB, Epoch.FIRST, beginning.channel());
  }

  /** What the spokes' tables must obey, from now on. */
  void obey(Map<TableName, Constraints> all) {
    constraints = all;
    resolver.obey(all);
  }

  /** The first epoch of this spoke's name, from its own on, that the store has nothing of. */
  Epoch unusedEpoch(Spoke spoke) {
    Spoke candidate = spoke;
    while (known.contains(writer(candidate))) {
      candidate = candidate.withEpoch(candidate.epoch().next());
    }
    return candidate.epoch();
  }

  /** The spoke is live from here on: it holds the log up to where it starts. */
  void begin(Spoke spoke) {
    WriterDesk last = desks.remove(spoke.id());
    if (last != null) {
      before.put(last.state().writer(), last.state());
    }
    earlier.remove(spoke.id());
    keptFor.remove(spoke.id());
    desk(spoke);
    applied.put(spoke.id(), beginning.at(spoke.startsAfter()));
    appliedMoved.add(spoke.id());
  }

  /**
   * The spoke went back to this position: the log is kept from there on, as long as nobody decides.
   */
  void keepFor(SpokeId spoke, long holds) {
    if (holds >= store.trimmedThrough().number()) {
      keptFor.put(spoke, neededFrom(holds));
    }
  }

  void keepNoLongerFor(SpokeId spoke) {
    keptFor.remove(spoke);
  }

  /** The last transaction that the log has of a spoke in one of its epochs; NONE if none. */
  Sequence last(SpokeId spoke, Epoch epoch) {
    WriterState state = before.get(new Writer(spoke, epoch, beginning.channel()));
    return state == null ? Sequence.NONE : state.last();
  }

  /** Whether the log has this transaction from an earlier life of its spoke: see EarlierLife. */
  boolean hasFromEarlierLife(Spoke spoke, Transaction transaction) {
    if (spoke.epoch().equals(Epoch.FIRST)) {
      return false;
    }
    return earlier
        .computeIfAbsent(
            spoke.id(),
            id -> new EarlierLife(store, writer(spoke), spoke.startsAfter(), before.values()))
        .has(transaction);
  }

  void forget(SpokeId spoke) {
    keptFor.remove(spoke);
    earlier.remove(spoke);
    desks.remove(spoke);
    applied.remove(spoke);
    appliedMoved.remove(spoke);
  }

  /** What the spoke reported to hold durably; null if nothing yet. */
  @Nullable Position applied(SpokeId spoke) {
    return applied.get(spoke);
  }

  void applied(SpokeId spoke, Position position) {
    Position before = applied.get(spoke);
    if (before == null || position.isAfter(before)) {
      applied.put(spoke, position);
      appliedMoved.add(spoke);
    }
  }

  /** Whether the store has this shape, or will have it with the group in the making. */
  boolean isStored(SchemaId schema) {
    return stored.contains(schema);
  }

  void stored(TableSchema schema) {
    schemas.add(schema);
    stored.add(schema.id());
  }

  /** Whether there is state that is not in the store yet. */
  boolean hasMoved() {
    return !appliedMoved.isEmpty() || desks.values().stream().anyMatch(WriterDesk::hasMoved);
  }

  /** The group as the store takes it: with everything that moved. */
  HubStore.LogGroup complete(Group group) {
    List<WriterState> writers = new ArrayList<>();
    for (WriterDesk desk : desks.values()) {
      if (desk.hasMoved()) {
        writers.add(desk.state());
      }
    }
    Map<SpokeId, Position> positions = new HashMap<>();
    for (SpokeId spoke : appliedMoved) {
      Position position = applied.get(spoke);
      if (position != null) {
        positions.put(spoke, position);
      }
    }
    positions.putAll(group.begins());
    return new HubStore.LogGroup(group.entries(), writers, positions, group.schemas());
  }

  /** The group is durable. */
  void settled(Group group) {
    head = group.last();
    appliedMoved.clear();
    for (WriterDesk desk : desks.values()) {
      if (desk.hasMoved()) {
        desk.settled();
        known.add(desk.state().writer());
      }
    }
  }

  /** Tells the window what it may forget. */
  void advanceFrontier(long newFrontier) {
    frontier = Math.max(frontier, newFrontier);
    resolver.advanceFrontier(newFrontier);
  }

  /** What the window has forgotten up to. */
  long resolvedFrontier() {
    return frontier;
  }

  /** The frontier as of now. */
  long frontier() {
    return members.frontier(this::contextOf, head.number());
  }

  /**
   * The position up to which the spoke holds the log, has it applied and, if it sends too, has
   * shown so in its stream; the head if it receives nothing.
   */
  long holds(Spoke spoke) {
    if (!spoke.direction().receives()) {
      return head.number();
    }
    Position has = applied.get(spoke.id());
    long holds = has == null ? spoke.startsAfter() : has.number();
    Context context = spoke.direction().sends() ? contextOf(spoke.id()) : null;
    return context == null ? holds : Math.min(holds, context.lowest());
  }

  /** How far the log may be trimmed for our part. */
  long trimmable() {
    long slowest =
        members.slowest(
            spoke -> {
              Position position = applied.get(spoke);
              return position == null ? null : position.number();
            },
            head.number());
    for (long kept : keptFor.values()) {
      slowest = Math.min(slowest, kept);
    }
    return Math.min(Math.min(frontier(), resolver.neededFrom()), slowest);
  }

  /** The spokes that hold the frontier where it is; none while it is at the head. */
  Set<SpokeId> holders() {
    return members.holders(this::contextOf, head.number());
  }

  private @Nullable Context contextOf(SpokeId spoke) {
    WriterDesk desk = desks.get(spoke);
    return desk == null ? null : desk.state().context();
  }

  private Writer writer(Spoke spoke) {
    return new Writer(spoke.id(), spoke.epoch(), beginning.channel());
  }
}
