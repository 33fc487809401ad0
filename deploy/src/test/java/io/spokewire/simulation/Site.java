package io.spokewire.simulation;

import io.spokewire.agent.pipeline.NewLife;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.queue.InMemoryQueue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * One life of a spoke: its database, the disk of its agent, and the agent while it runs. A spoke
 * that is removed and added again is another site under the same name.
 */
final class Site {
  private final World world;
  private final SpokeId id;
  private final Direction direction;
  private final int index;
  private final SimulatedDatabase database;
  private final Troubles troubles;
  private final VirtualClock agentClock;
  private final List<String> emptyAtStart = new ArrayList<>();
  private AgentState state; // the agent's disk
  private InMemoryQueue outbox = new InMemoryQueue(); // likewise
  private SimulatedAgent agent;
  private long confirmed; // the database's
  private long openings;
  private boolean restored;
  private boolean gone;
  private final Set<Epoch> lives = new LinkedHashSet<>(); // as its agent knew them
  private final Set<Epoch> putAside = new HashSet<>(); // of those, their outboxes

  Site(World world, SpokeId id, int index, Direction direction, Troubles troubles) {
    this.direction = direction;
    this.world = world;
    this.id = id;
    this.index = index;
    this.database = new SimulatedDatabase(world, id.toString());
    this.troubles = troubles;
    this.agentClock = new VirtualClock(world.schedule);
    database.onCommit(
        () -> {
          if (agent != null) {
            agent.wakeAll();
          }
        });
  }

  /** What {@code spoke-agent join} does: from here on the log is kept. */
  void join() {
    for (TableSchema table : Tables.ALL) {
      if (database.existing().stream().noneMatch(key -> key.table() == table)) {
        emptyAtStart.add(table.table().name());
      }
    }
    UUID instance = new UUID(world.random.nextLong(), world.random.nextLong());
    state = AgentState.atJoin(instance, SourcePosition.NONE, emptyAtStart);
  }

  World world() {
    return world;
  }

  SpokeId id() {
    return id;
  }

  Direction direction() {
    return direction;
  }

  String name() {
    return id.toString();
  }

  int index() {
    return index;
  }

  SimulatedDatabase database() {
    return database;
  }

  Troubles troubles() {
    return troubles;
  }

  VirtualClock agentClock() {
    return agentClock;
  }

  boolean wasEmptyAtStart(TableSchema table) {
    return emptyAtStart.contains(table.table().name());
  }

  // ---- the agent's disk

  AgentState state() {
    return state;
  }

  void keep(AgentState next) {
    state = next;
    next.membership().ifPresent(m -> lives.add(m.epoch()));
  }

  /** Whether the agent has worked under this epoch. */
  boolean lived(Epoch epoch) {
    return lives.contains(epoch);
  }

  /** Whether the spoke goes on in another life than its first. */
  boolean isReborn() {
    return lives.size() > 1;
  }

  /** Between two lives: may be broken off between its steps, and is begun again then. */
  void beginAnew(NewLife life) {
    if (putAside.add(life.before().epoch())) {
      outbox = new InMemoryQueue();
    }
    if (world.random.nextInt(4) > 0) {
      keep(state.reborn(new AgentState.Membership(life.epoch(), life.start())));
    }
  }

  DurableQueue outbox() {
    return outbox;
  }

  /** The machine loses power: of what was not synced, some is left. */
  void losePower() {
    long synced = outbox.syncedIndex();
    long last = outbox.lastIndex();
    if (last > synced) {
      long kept = Math.max(0, synced) + world.random.nextLong(last - Math.max(0, synced) + 1);
      world.trace.detail(name(), () -> "outbox ends at " + kept + " after a power cut");
      outbox = outbox.afterCrash(kept);
    }
  }

  /** The log position after which this life of the spoke began. */
  long startsAfter() {
    return state.membership().map(m -> m.start().number()).orElse(0L);
  }

  // ---- the agent

  void start() {
    if (!gone && (agent == null || !agent.isAlive())) {
      agent = new SimulatedAgent(this);
    }
  }

  SimulatedAgent agent() {
    return agent;
  }

  boolean isRunning() {
    return agent != null && agent.isAlive();
  }

  // ---- the database

  /** How often its log was opened, this time included. */
  long nextOpening() {
    return ++openings;
  }

  long confirmed() {
    return confirmed;
  }

  /** The database may forget its log up to here. */
  void confirm(long number) {
    if (number > confirmed) {
      world.trace.detail(name(), () -> "may forget its log up to " + number);
      world.history.confirmed(this, confirmed, number);
      confirmed = number;
    }
  }

  void crashDatabase() {
    database.crash();
    world.counts.databaseCrashes++;
    world.schedule.after(50_000 + world.random.nextInt(2_000_000), this::startDatabase);
  }

  void startDatabase() {
    if (!database.isUp()) {
      database.start();
    }
  }

  /** A copy of the database's files: its rows, its log, and what it was told to forget of that. */
  record Backup(SimulatedDatabase.Backup database, long confirmed) {}

  Backup backup() {
    return new Backup(database.backup(), confirmed);
  }

  /** Somebody puts a backup of the database back; the agent's disk stays as it is. */
  void restore(Backup backup) {
    database.restore(backup.database());
    confirmed = backup.confirmed();
    restored = true;
  }

  boolean wasRestored() {
    return restored;
  }

  /** Removed from the topology. */
  void leave() {
    gone = true;
    if (agent != null) {
      agent.die("removed");
    }
  }

  /** How it stands, for people. */
  String describe() {
    return "agent %s, %d of %d commits flushed, %s, checkpoint %s, confirmed %d"
        .formatted(
            isRunning() ? agent.describe() : "dead",
            database.flushed(),
            database.log().size(),
            database.isUp() ? "up" : "down",
            database.checkpoint(),
            confirmed);
  }

  boolean isGone() {
    return gone;
  }
}
