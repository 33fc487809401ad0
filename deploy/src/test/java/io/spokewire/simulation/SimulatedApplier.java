package io.spokewire.simulation;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.ParkReason;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * The applier of a model database. Its commits have unknown outcomes now and then: the connection
 * breaks before or after, or the database crashes with or without the commit.
 */
final class SimulatedApplier implements Applier {
  private final Site site;
  private final SimulatedDatabase database;
  private final World world;
  private final KillSwitch kill;
  private final MarkerSeal seal;
  private final PendingDeletes pendingDeletes;
  private final SchemaBook schemas;
  private final CapturedWrites captured;
  private Sequence acknowledged = Sequence.NONE; // outcomes of own ones up to here are applied
  private final int restores; // of its database, before its time
  private int era;

  SimulatedApplier(
      Site site,
      KillSwitch kill,
      MarkerSeal seal,
      PendingDeletes pendingDeletes,
      SchemaBook schemas,
      CapturedWrites captured) {
    this.site = site;
    this.database = site.database();
    this.world = database.world;
    this.kill = kill;
    this.seal = seal;
    this.pendingDeletes = pendingDeletes;
    this.schemas = schemas;
    this.captured = captured;
    this.era = database.era();
    this.restores = database.restores();
  }

  @Override
  public Optional<Position> checkpoint() {
    connect("read the checkpoint");
    return Optional.ofNullable(database.checkpoint());
  }

  /** As a pool does: a connection that broke is opened again. */
  private void connect(String operation) {
    kill.point();
    database.demandUp(database.era(), operation);
    era = database.era();
  }

  @Override
  public ApplyResult apply(ApplyBatch batch) {
    return apply(batch, position -> true);
  }

  /** Leaves positions out that the marker names all the same: what a mutant does. */
  ApplyResult apply(ApplyBatch batch, LongPredicate included) {
    connect("apply");
    Position before = database.checkpoint();
    if (before != null
        && database.restores() != restores
        && before.next().number() < batch.first().number()) {
      throw Fault.of(FaultKind.NEGATIVE, "apply", "the database went back in time").build();
    }
    if (before != null && !before.next().equals(batch.first())) {
      world.verdict.violation("I3", site.name() + ": batch " + batch.first() + " after " + before);
    }
    if (site.troubles().breaksBeforeCommit()) {
      throw SimulatedDatabase.lost("apply");
    }
    long rows = 0;
    ApplyTransaction transaction =
        new ApplyTransaction(
            site,
            pendingDeletes,
            schemas,
            batch.last(),
            batch.acknowledged().number(),
            batch.last().number());
    try {
      if (!database.parked().isEmpty() && world.random.nextBoolean()) {
        transaction.pass(world.random.nextInt(4) == 0);
      }
      transaction.expire(captured, batch.acknowledged());
      int next = 0;
      for (long at = batch.first().number(); at <= batch.last().number(); at++) {
        List<RowChange> changes = new ArrayList<>();
        while (next < batch.entries().size()
            && batch.entries().get(next).position().number() == at) {
          for (RowBlock block : batch.entries().get(next++).rows()) {
            block.forEach(changes::add);
          }
        }
        if (included.test(at)) {
          rows += changes.size();
          transaction.take(at, changes);
        }
        kill.point();
      }
      commit(transaction, batch.first(), batch.last(), batch.last());
      acknowledged = batch.acknowledged();
    } finally {
      transaction.end();
    }
    return new ApplyResult(batch.last(), rows, database.parked().size());
  }

  /** Applies what was left out, without a word to capture. */
  void applyLate(long position, List<RowChange> changes) {
    connect("apply");
    Position here = database.checkpoint();
    ApplyTransaction transaction =
        new ApplyTransaction(site, pendingDeletes, schemas, here, Long.MAX_VALUE, here.number());
    try {
      transaction.take(position, changes);
      database.commitApplied(transaction.changed(), null, here, transaction.aside());
      database.flush();
    } finally {
      transaction.end();
    }
  }

  /** Durable at the return; where it throws, nobody knows. */
  private void commit(ApplyTransaction transaction, Position first, Position last, Position reach) {
    database.demandUp(era, "commit"); // users' statements may have met a crash meanwhile
    List<Context.Unseen> unseen = world.mutations.unseen(transaction.unseen());
    database.commitApplied(
        transaction.changed(),
        site.direction().sends() ? seal.seal(new AppliedMarker(first, last, unseen)) : null,
        reach,
        transaction.aside());
    Troubles troubles = site.troubles();
    if (troubles.crashesInCommit()) {
      if (world.random.nextBoolean()) {
        database.flush();
      }
      site.crashDatabase();
      throw unknown();
    }
    database.flush();
    kill.point();
    if (troubles.breaksAfterCommit()) {
      throw unknown();
    }
  }

  private static Fault unknown() {
    return SimulatedDatabase.lost("commit");
  }

  @Override
  public long retryParked(Sequence answered) {
    acknowledged = answered.isAfter(acknowledged) ? answered : acknowledged;
    connect("try parked rows again");
    Position here = database.checkpoint();
    boolean suspects = database.parked().stream().anyMatch(p -> p.reason() == ParkReason.SUSPECT);
    boolean retries = !database.parked().isEmpty() && (suspects || world.random.nextBoolean());
    if (here == null || !(retries || kept() > 0)) {
      return database.parked().size();
    }
    // Capture has met this position already: what is kept now comes with the next one.
    ApplyTransaction transaction =
        new ApplyTransaction(site, pendingDeletes, schemas, here, 0, here.number() + 1);
    try {
      if (retries) {
        transaction.pass(true);
      }
      transaction.expire(captured, acknowledged);
      commit(transaction, here, here, here);
    } finally {
      transaction.end();
    }
    return database.parked().size();
  }

  @Override
  public long kept() {
    return database.aside().kept().size();
  }

  @Override
  public Optional<Sequence> oldestSuspect() {
    return database.parked().stream()
        .filter(p -> p.reason() == ParkReason.SUSPECT)
        .map(p -> new Sequence(p.acknowledged()))
        .min(Sequence::compareTo);
  }

  @Override
  public void close() {}
}
