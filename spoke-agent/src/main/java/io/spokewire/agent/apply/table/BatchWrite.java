package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.agent.apply.ApplySettings;
import io.spokewire.agent.apply.ParkReason;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.RunPlanner;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to write a batch's rows in one way, inside the caller's transaction. Used once.
 *
 * <p>What is done about a row that should be changed and is missing: if a local delete that is on
 * its way to the hub explains it, nothing (the hub decides between the two and says what the row
 * shall be); if capture is not far enough to tell, it is parked as a suspect; else it is parked as
 * drift. A change that the hub made itself and that comes when the row is gone is nothing.
 */
final class BatchWrite {
  static final String DRIFT = "the row to be changed is missing in this database";
  private static final String SUSPECT =
      "the row to be changed is missing; not known yet whether a local delete explains it";
  private static final String BEHIND = "waits for an earlier change of its row";

  private final ApplySession session;
  private final SpokeId self;
  private final ApplyBatch batch;
  private final Way way;
  private final ApplySettings settings;
  private final SchemaBook schemas;
  private final PendingDeletes pendingDeletes;
  private final RunPlanner planner;
  private final IsolatedWriter isolated;
  private final List<Runnable> told = new ArrayList<>();
  private final ApplyEvents events;
  private final BeforeHeldRow beforeHeldRow;
  private long rows;

  /** A chance to free a row just before it would have to wait. */
  interface BeforeHeldRow {
    void tryParkedAgain() throws SQLException;
  }

  /**
   * @param beforeHeldRow called before each row that must wait for a parked one: the caller may try
   *     the parked ones again
   */
  BatchWrite(
      ApplySession session,
      SpokeId self,
      ApplyBatch batch,
      Way way,
      ApplySettings settings,
      SchemaBook schemas,
      PendingDeletes pendingDeletes,
      ApplyEvents events,
      BeforeHeldRow beforeHeldRow) {
    this.session = session;
    this.self = self;
    this.batch = batch;
    this.way = way;
    this.settings = settings;
    this.schemas = schemas;
    this.pendingDeletes = pendingDeletes;
    this.events = events;
    this.beforeHeldRow = beforeHeldRow;
    this.planner =
        new RunPlanner(
            way == Way.REORDERED ? RunPlanner.Mode.REORDERED : RunPlanner.Mode.STRICT,
            schemas,
            session::guards,
            session::keepsOrder);
    this.isolated = new IsolatedWriter(session);
  }

  /** Writes every row or parks it. */
  void write() throws SQLException {
    session.begin(way);
    for (ApplyBatch.Entry entry : batch.entries()) {
      long position = entry.position().number();
      boolean own = entry.origin().equals(self);
      for (RowBlock block : entry.rows()) {
        for (RowChange change : block) {
          rows++;
          take(change, position, own);
          if (planner.rows() >= settings.planRows() || planner.bytes() >= settings.planBytes()) {
            flush();
          }
        }
      }
    }
    flush();
  }

  long rows() {
    return rows;
  }

  /** Tells the events of this attempt, after it was committed. */
  void tell() {
    told.forEach(Runnable::run);
  }

  private void take(RowChange change, long position, boolean own) throws SQLException {
    TableSchema schema = schemas.get(change.schema());
    if (change instanceof RowChange.Truncate truncate) {
      truncate(schema, truncate);
      return;
    }
    String mismatch = session.mismatch(change.schema());
    if (mismatch != null) {
      park(change, position, position, ParkReason.SCHEMA, mismatch, "");
    } else if (isFree(schema.table(), change, position)) {
      planner.add(change, position, own);
    }
  }

  private void truncate(TableSchema schema, RowChange.Truncate change) throws SQLException {
    flush();
    long gone = session.deleteAllBut(schema, change.survivors());
    told.add(() -> events.applied(schema.table(), Run.Operation.TRUNCATE, gone));
  }

  private void flush() throws SQLException {
    for (Run run : planner.finish()) {
      List<PlannedRow> free = free(run);
      for (int from = 0; from < free.size(); from += settings.statementRows()) {
        List<PlannedRow> chunk =
            free.subList(from, Math.min(free.size(), from + settings.statementRows()));
        if (way == Way.ISOLATED) {
          isolated.write(run, chunk, new Parking(true));
        } else {
          for (PlannedRow row : session.write(run, chunk)) {
            missing(row);
          }
        }
      }
      int written = free.size();
      // Not the run: its rows must go as soon as they are written, however large the batch is.
      TableName table = run.table();
      Run.Operation operation = run.operation();
      told.add(() -> events.applied(table, operation, written));
    }
  }

  /** The rows that no row parked since the planning holds up; the others are seen to here. */
  private List<PlannedRow> free(Run run) throws SQLException {
    if (session.parked().isEmpty()) {
      return run.rows();
    }
    List<PlannedRow> free = new ArrayList<>(run.rows().size());
    for (PlannedRow row : run.rows()) {
      if (isFree(run.table(), row.change(), row.last())) {
        free.add(row);
      }
    }
    return free;
  }

  /**
   * Whether the change needs not wait for a parked one; if it must, it is seen to here. A complete
   * row or a delete says all that the waiting changes would, so it is tried at once and takes their
   * place; anything else waits behind them.
   */
  private boolean isFree(TableName table, RowChange change, long position) throws SQLException {
    ParkedRows parked = session.parked();
    if (!parked.holds(table, change)) {
      return true;
    }
    beforeHeldRow.tryParkedAgain();
    if (!parked.holds(table, change)) {
      return true;
    }
    takeHeld(table, change, position);
    return false;
  }

  private void takeHeld(TableName table, RowChange change, long position) throws SQLException {
    ParkedRows parked = session.parked();
    RunPlanner single = new RunPlanner(RunPlanner.Mode.STRICT, schemas, session::guards);
    // What waits was not written, so the row may well differ from what this one replaces.
    single.add(change, position, true);
    Run run = single.finish().getFirst();
    boolean saysAll =
        run.operation() == Run.Operation.DELETE
            || (isWhole(run.operation()) && run.written().isComplete());
    List<Bytes> keys = ParkedChange.keysOf(change);
    Optional<Long> low =
        saysAll && !parked.holdsTable(table)
            ? parked.lowIfAlone(table, keys.getFirst())
            : Optional.empty();
    if (low.isEmpty()) {
      park(change, position, position, ParkReason.BEHIND, BEHIND, "");
      return;
    }
    Parking outcome = new Parking(false);
    isolated.write(run, run.rows(), outcome);
    parked.removeKey(table, keys.getFirst());
    parked.reload();
    if (outcome.error != null) {
      park(change, low.get() + 1, position, ParkReason.REFUSED, outcome.error, outcome.sqlState);
    }
  }

  private static boolean isWhole(Run.Operation operation) {
    return operation == Run.Operation.UPSERT
        || operation == Run.Operation.INSERT
        || operation == Run.Operation.REPLACE;
  }

  private void missing(PlannedRow row) throws SQLException {
    if (isOfHub(row)) {
      return; // what a person or a conflict between rows asked for came too late: the row is gone
    }
    RowKey key = new RowKey(ParkedChange.keysOf(row.change()).getFirst());
    TableName table = schemas.get(row.change().schema()).table();
    switch (pendingDeletes.judge(table, key, batch.acknowledged(), batch.last())) {
      case EXPLAINED -> {}
      case UNDECIDED ->
          park(row.change(), row.first(), row.last(), ParkReason.SUSPECT, SUSPECT, "02000");
      case UNEXPLAINED ->
          park(row.change(), row.first(), row.last(), ParkReason.DRIFT, DRIFT, "02000");
    }
  }

  private boolean isOfHub(PlannedRow row) {
    return batch.entries().stream()
        .anyMatch(e -> e.position().number() == row.last() && e.origin().equals(SpokeId.HUB));
  }

  private void park(
      RowChange change, long first, long last, ParkReason reason, String error, String sqlState)
      throws SQLException {
    TableName table = schemas.get(change.schema()).table();
    session
        .parked()
        .park(
            table,
            change,
            reason,
            first - 1,
            last,
            batch.acknowledged().number(),
            batch.last().number(),
            error,
            sqlState);
    told.add(() -> events.parked(table, reason, sqlState, error));
  }

  /** Sets refused rows aside, or only notes the error of the one row that is written. */
  private final class Parking implements IsolatedWriter.Outcome {
    private final boolean parks;
    private @Nullable String error;
    private String sqlState = "";

    private Parking(boolean parks) {
      this.parks = parks;
    }

    @Override
    public void missing(PlannedRow row) throws SQLException {
      BatchWrite.this.missing(row);
    }

    @Override
    public void refused(PlannedRow row, String state, String why) throws SQLException {
      if (parks) {
        park(row.change(), row.first(), row.last(), ParkReason.REFUSED, why, state);
      } else {
        error = why;
        sqlState = state;
      }
    }

    @Override
    public void tableRefused(List<PlannedRow> rows, String state, String why) throws SQLException {
      if (!parks) {
        refused(rows.getFirst(), state, why);
        return;
      }
      for (PlannedRow row : rows) {
        park(row.change(), row.first(), row.last(), ParkReason.SCHEMA, why, state);
      }
    }
  }
}
