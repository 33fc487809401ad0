package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.ParkReason;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.RunPlanner;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.TableName;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Goes once through the parked changes, in the order in which they came, inside the caller's
 * transaction: what can be applied now is applied and taken out, what can't keeps its key's later
 * changes behind it.
 *
 * <p>A change whose row is missing stays a suspect while capture can't tell why, is taken out when
 * a local delete explains it (there is nothing to change, and the hub decides between the two), and
 * is drift otherwise. A row that the site has inserted again meanwhile gets the change all the
 * same: what is taken out counts as seen by all later writes of the row, so it must have been
 * there.
 */
final class ParkedPass {
  private static final int PAGE = 500;
  // Bounds the transaction; what is left comes with the next pass.
  private static final int MOST = 20_000;

  private final ApplySession session;
  private final SchemaBook schemas;
  private final PendingDeletes pendingDeletes;
  private final IsolatedWriter writer;
  private final Set<Stuck> stuck = new HashSet<>();
  private final Set<TableName> stuckTables = new HashSet<>();
  private final Set<Long> collapsed = new HashSet<>(); // taken out as parts of a net effect

  ParkedPass(ApplySession session, SchemaBook schemas, PendingDeletes pendingDeletes) {
    this.session = session;
    this.schemas = schemas;
    this.pendingDeletes = pendingDeletes;
    this.writer = new IsolatedWriter(session);
  }

  /**
   * Runs the pass.
   *
   * @param everything also what was refused; otherwise only suspects, and what waits behind them
   * @param now the last position of this transaction's marker
   */
  void run(boolean everything, Position now) throws SQLException {
    ParkedRows parked = session.parked();
    if (everything) {
      session.forgetTables();
    }
    long after = 0;
    int seen = 0;
    List<ParkedChange> page;
    do {
      page = parked.after(after, PAGE);
      for (ParkedChange change : page) {
        if (collapsed.contains(change.id())) {
          continue;
        }
        if (isStuck(change) || !solve(change, everything, now)) {
          change.keys().forEach(key -> stuck.add(new Stuck(change.table(), key)));
        }
        after = change.id();
      }
      seen += page.size();
    } while (page.size() == PAGE && seen < MOST);
    parked.reload();
  }

  private boolean isStuck(ParkedChange change) {
    return stuckTables.contains(change.table())
        || change.keys().stream().anyMatch(key -> stuck.contains(new Stuck(change.table(), key)));
  }

  /** Whether the change is out of the way. */
  private boolean solve(ParkedChange change, boolean everything, Position now) throws SQLException {
    boolean waits = change.reason() == ParkReason.BEHIND || change.reason() == ParkReason.SUSPECT;
    if (!everything && !waits) {
      return false;
    }
    if (change.reason() == ParkReason.SUSPECT
        && judge(change, now.at(change.seenMissingAt())) == PendingDeletes.Verdict.UNDECIDED) {
      return false;
    }
    String mismatch = session.mismatch(change.change().schema());
    if (mismatch != null) {
      stuckTables.add(change.table());
      session.parked().failedAgain(change.id(), stillHeld(change), mismatch, "");
      return false;
    }
    return write(change, now);
  }

  private boolean write(ParkedChange change, Position now) throws SQLException {
    RunPlanner planner = new RunPlanner(RunPlanner.Mode.STRICT, schemas, session::guards);
    planner.add(change.change(), change.position());
    Run run = planner.finish().getFirst();
    Failure failure = new Failure(change, now);
    writer.write(run, run.rows(), failure);
    if (failure.failed) {
      return failure.refused && writeNetEffect(change);
    }
    session.parked().remove(change.id());
    return true;
  }

  /**
   * Writes a refused change together with what waits behind it: the hub may have mended there what
   * the database refuses, such as a value that another row has.
   */
  private boolean writeNetEffect(ParkedChange first) throws SQLException {
    if (first.keys().size() != 1) {
      return false;
    }
    List<ParkedChange> chain = session.parked().ofKey(first.table(), first.keys().getFirst());
    boolean isOneRow = chain.stream().allMatch(c -> c.keys().size() == 1);
    if (chain.size() < 2 || !isOneRow || chain.getFirst().id() != first.id()) {
      return false;
    }
    RunPlanner planner = new RunPlanner(RunPlanner.Mode.REORDERED, schemas, session::guards);
    chain.forEach(change -> planner.add(change.change(), change.position()));
    List<Run> runs = planner.finish();
    if (runs.size() != 1 || runs.getFirst().rows().size() != 1) {
      return false;
    }
    Attempt attempt = new Attempt();
    writer.write(runs.getFirst(), runs.getFirst().rows(), attempt);
    if (attempt.failed) {
      return false;
    }
    for (ParkedChange change : chain) {
      session.parked().remove(change.id());
      collapsed.add(change.id());
    }
    return true;
  }

  /**
   * A pass may only shorten the list of unseen rows, or its marker would not count: what was held
   * by its key does not become a reason to hold its table.
   */
  private static ParkReason stillHeld(ParkedChange change) {
    return change.reason() == ParkReason.SCHEMA ? ParkReason.SCHEMA : ParkReason.REFUSED;
  }

  private PendingDeletes.Verdict judge(ParkedChange change, Position seenMissingAt) {
    return pendingDeletes.judge(
        change.table(),
        new RowKey(change.keys().getFirst()),
        new Sequence(change.acknowledged()),
        seenMissingAt);
  }

  private record Stuck(TableName table, Bytes key) {}

  /** What goes wrong with one change; nothing, if none of these is called. */
  private final class Failure implements IsolatedWriter.Outcome {
    private final ParkedChange change;
    private final Position now;
    private boolean failed;
    private boolean refused;

    private Failure(ParkedChange change, Position now) {
      this.change = change;
      this.now = now;
    }

    @Override
    public void missing(PlannedRow row) throws SQLException {
      if (judge(change, now) != PendingDeletes.Verdict.EXPLAINED) {
        failed = true;
        session.parked().failedAgain(change.id(), ParkReason.DRIFT, BatchWrite.DRIFT, "02000");
      }
    }

    @Override
    public void refused(PlannedRow row, String sqlState, String error) throws SQLException {
      failed = true;
      refused = true;
      session.parked().failedAgain(change.id(), ParkReason.REFUSED, error, sqlState);
    }

    @Override
    public void tableRefused(List<PlannedRow> rows, String sqlState, String error)
        throws SQLException {
      failed = true;
      stuckTables.add(change.table());
      session.parked().failedAgain(change.id(), stillHeld(change), error, sqlState);
    }
  }

  /** Whether a write went through; of one that did not there is nothing new to keep. */
  private static final class Attempt implements IsolatedWriter.Outcome {
    private boolean failed;

    @Override
    public void missing(PlannedRow row) {
      failed = true;
    }

    @Override
    public void refused(PlannedRow row, String sqlState, String error) {
      failed = true;
    }

    @Override
    public void tableRefused(List<PlannedRow> rows, String sqlState, String error) {
      failed = true;
    }
  }
}
