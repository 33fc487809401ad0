package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.agent.apply.ApplySettings;
import io.spokewire.agent.apply.Backoff;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.apply.RefusedRow;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Applies to a database with tables over one connection, which it opens when it is needed and again
 * after it was lost.
 *
 * <p>The transaction of a batch: the marker, first, so that capture knows it early; parked rows
 * that are due; the batch's rows as set-based statements; a second marker if the list of unseen
 * rows is another one now (the last marker of a transaction counts); the checkpoint.
 *
 * <p>In guarded tables, what the database holds instead of what a change replaces stays, is noted
 * in {@code spokewire.exception} and named as unseen in the marker, until the hub has taken it into
 * account; see {@link KeptValues} and {@link KeptPass}.
 *
 * <p>The ways of {@link Way}, each tried when the server refused rows in the one before: reordered,
 * strict, isolated. Where foreign keys and triggers act the first is strict.
 *
 * <p>Rows of a batch stay the caller's: they are read again for each attempt, and never closed
 * here.
 *
 * <p>Errors: a lost connection, and a commit of unknown outcome, heal by themselves; so does a
 * database that refuses for now after the last attempt. A database that belongs to another agent, a
 * login that is refused and missing rights on schema {@code spokewire} don't.
 */
public final class TableApplier implements Applier {
  private static final Duration HELD_ROW_RETRY = Duration.ofSeconds(1);

  private final ApplySite site;
  private final TargetDatabase database;
  private final PendingDeletes pendingDeletes;
  private final ApplyEvents events;
  private final ApplySettings settings;
  private final Backoff backoff;
  private final TimeSource time;
  private @Nullable ApplySession session;
  private long lastFullPass;
  private long lastPass;
  private long lastKeptPass;
  private Sequence acknowledged = Sequence.NONE; // outcomes of own ones up to here are applied

  public TableApplier(
      ApplySite site,
      TargetDatabase database,
      PendingDeletes pendingDeletes,
      ApplyEvents events,
      ApplySettings settings,
      Backoff backoff,
      TimeSource time) {
    this.site = site;
    this.database = database;
    this.pendingDeletes = pendingDeletes;
    this.events = events;
    this.settings = settings;
    this.backoff = backoff;
    this.time = time;
    this.lastPass = time.nanos();
    this.lastFullPass = lastPass;
    this.lastKeptPass = lastPass;
  }

  @Override
  public Optional<Position> checkpoint() {
    return inTransaction(
        "read the checkpoint",
        open -> {
          open.forgetCheckpoint(); // the database may be another one than it was
          return open.checkpoint();
        });
  }

  @Override
  public ApplyResult apply(ApplyBatch batch) {
    ApplySession open = session();
    Way way = open.mayReorder() ? Way.REORDERED : Way.STRICT;
    boolean refreshed = false;
    for (int attempt = 1; ; ) {
      try {
        return attempt(open, batch, way);
      } catch (SQLException e) {
        Refusal refusal = database.refusal(e);
        switch (refusal.kind()) {
          case CONNECTION -> throw lost("apply " + batch.last(), e);
          case FOR_NOW -> {
            rollback(open, e);
            if (attempt >= settings.attempts()) {
              throw busy(batch, refusal, e);
            }
            backoff.afterAttempt(attempt++);
          }
          case STALE -> {
            rollback(open, e);
            open.forgetTables();
            if (refreshed) {
              way = next(way, batch, refusal, e);
            }
            refreshed = true;
          }
          case FOR_GOOD -> {
            rollback(open, e);
            open.forgetTables();
            way = next(way, batch, refusal, e);
          }
        }
      } catch (RuntimeException e) {
        rollback(open, e);
        throw e;
      }
    }
  }

  @Override
  public long retryParked(Sequence answered) {
    acknowledged = answered.isAfter(acknowledged) ? answered : acknowledged;
    ApplySession open = session();
    boolean everything = isDue(lastFullPass, settings.retryEvery());
    boolean suspects = open.parked().suspects() > 0 && isDue(lastPass, settings.decideEvery());
    boolean parked = !open.parked().isEmpty() && (everything || suspects);
    boolean kept = !open.kept().isEmpty() && isDue(lastKeptPass, settings.decideEvery());
    if (parked || kept) {
      passAlone(parked, everything);
    }
    return session().parked().count();
  }

  private void passAlone(boolean parked, boolean everything) {
    lastKeptPass = time.nanos();
    KeptPass done =
        inTransaction(
            "try again what is parked or kept off",
            again -> {
              KeptPass kept = keptPass(again);
              Optional<Position> checkpoint = again.checkpoint();
              if (checkpoint.isPresent()) {
                Position here = checkpoint.get();
                List<Context.Unseen> before = again.unseen();
                // Capture has met this position already: what is kept now comes with the next one.
                again.kept().markedAt(here.number() + 1);
                mark(again, here, here);
                if (parked) {
                  pass(again, everything, here);
                }
                kept.run(acknowledged, here);
                if (!again.unseen().equals(before)) {
                  mark(again, here, here);
                }
              }
              return kept;
            });
    done.tell();
  }

  private KeptPass keptPass(ApplySession open) {
    return new KeptPass(open, site.schemas(), site.captured(), events);
  }

  @Override
  public long kept() {
    return session == null ? 0 : session.kept().count();
  }

  @Override
  public Optional<Sequence> oldestSuspect() {
    return session().parked().oldestSuspect().map(Sequence::new);
  }

  @Override
  public List<RefusedRow> refused() {
    return session().parked().isEmpty()
        ? List.of()
        : inTransaction("look at refused rows", open -> open.parked().refused());
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }

  private ApplyResult attempt(ApplySession open, ApplyBatch batch, Way way) throws SQLException {
    requireNext(open, batch);
    List<Context.Unseen> before = open.unseen();
    open.kept().markedAt(batch.last().number());
    mark(open, batch.first(), batch.last());
    passIfDue(open, batch);
    KeptPass kept = keptPass(open);
    kept.run(batch.acknowledged(), batch.last());
    BatchWrite write =
        new BatchWrite(
            open,
            site.spoke(),
            batch,
            way,
            settings,
            site.schemas(),
            pendingDeletes,
            events,
            () -> passForHeldRow(open, batch));
    write.write();
    if (!open.unseen().equals(before)) {
      mark(open, batch.first(), batch.last());
    }
    if (!open.moveCheckpoint(batch.last())) {
      open.forgetCheckpoint();
      throw overtaken(batch);
    }
    open.commit();
    open.committed(batch.last());
    acknowledged = batch.acknowledged();
    kept.tell();
    write.tell();
    return new ApplyResult(batch.last(), write.rows(), open.parked().count());
  }

  /** A batch that doesn't follow the checkpoint would lose positions or apply them twice. */
  private static void requireNext(ApplySession open, ApplyBatch batch) throws SQLException {
    Optional<Position> checkpoint = open.checkpoint();
    if (checkpoint.isPresent()) {
      Position here = checkpoint.get();
      if (here.isSameLogAs(batch.first()) && here.next().number() < batch.first().number()) {
        throw Fault.of(
                FaultKind.NEGATIVE,
                "apply " + batch.first() + ".." + batch.last(),
                "the database went back in time: it holds position " + here.number())
            .hint("if it was restored on purpose: syncadm topology rejoin --catch-up")
            .build();
      }
      if (!here.isSameLogAs(batch.first()) || !here.next().equals(batch.first())) {
        throw Fault.invariant(
            "checkpoint", "batch " + batch.first() + ".." + batch.last() + " after " + here);
      }
    }
  }

  private void mark(ApplySession open, Position first, Position last) throws SQLException {
    if (site.markers().isPresent()) {
      open.mark(site.markers().get(), first, last);
    }
  }

  private void passIfDue(ApplySession open, ApplyBatch batch) throws SQLException {
    if (open.parked().isEmpty()) {
      return;
    }
    boolean everything = isDue(lastFullPass, settings.retryEvery());
    if (everything || (open.parked().suspects() > 0 && isDue(lastPass, settings.decideEvery()))) {
      pass(open, everything, batch.last());
    }
  }

  private void passForHeldRow(ApplySession open, ApplyBatch batch) throws SQLException {
    if (isDue(lastFullPass, HELD_ROW_RETRY)) {
      pass(open, true, batch.last());
    }
  }

  private void pass(ApplySession open, boolean everything, Position now) throws SQLException {
    lastPass = time.nanos();
    if (everything) {
      lastFullPass = lastPass;
    }
    new ParkedPass(open, site.schemas(), pendingDeletes).run(everything, now);
  }

  private boolean isDue(long last, Duration every) {
    return time.nanos() - last >= every.toNanos();
  }

  private static Way next(Way way, ApplyBatch batch, Refusal refusal, SQLException cause) {
    return switch (way) {
      case REORDERED -> Way.STRICT;
      case STRICT -> Way.ISOLATED;
      case ISOLATED ->
          throw Fault.of(
                  FaultKind.INTERNAL,
                  "apply " + batch.first() + ".." + batch.last(),
                  "refused even row by row: " + refusal.message() + " [" + refusal.sqlState() + "]")
              .hint("see `spoke-agent preflight`")
              .causedBy(cause);
    };
  }

  private ApplySession session() {
    ApplySession open = session;
    if (open == null) {
      try {
        open = ApplySession.open(database, site);
      } catch (SQLException e) {
        throw database.unopened(e);
      }
      session = open;
    }
    return open;
  }

  private <T> T inTransaction(String operation, Work<T> work) {
    ApplySession open = session();
    try {
      T result = work.in(open);
      open.commit();
      return result;
    } catch (SQLException e) {
      Refusal refusal = database.refusal(e);
      if (refusal.kind() == Refusal.Kind.CONNECTION) {
        throw lost(operation, e);
      }
      rollback(open, e);
      throw Fault.of(
              refusal.kind() == Refusal.Kind.FOR_NOW ? FaultKind.UNREACHABLE : FaultKind.INTERNAL,
              operation,
              refusal.message())
          .healsByItself()
          .causedBy(e);
    }
  }

  private void rollback(ApplySession open, Exception cause) {
    try {
      open.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
      close();
      throw lost("roll back", e);
    }
  }

  private Fault lost(String operation, SQLException e) {
    close();
    return Fault.of(
            FaultKind.UNREACHABLE, operation, "the database connection broke: " + e.getMessage())
        .hint("connects again; the checkpoint tells what was committed")
        .healsByItself()
        .causedBy(e);
  }

  private static Fault busy(ApplyBatch batch, Refusal refusal, SQLException e) {
    return Fault.of(
            FaultKind.UNREACHABLE,
            "apply " + batch.first() + ".." + batch.last(),
            "the database refuses for now: " + refusal.message())
        .healsByItself()
        .causedBy(e);
  }

  /** What an earlier connection sent last was committed after all: this batch is not the next. */
  private static Fault overtaken(ApplyBatch batch) {
    return Fault.of(
            FaultKind.UNREACHABLE,
            "apply " + batch.first() + ".." + batch.last(),
            "the checkpoint moved on meanwhile")
        .hint("it tells what was committed")
        .healsByItself()
        .build();
  }

  /** Something to do in a transaction. */
  private interface Work<T> {
    T in(ApplySession open) throws SQLException;
  }
}
