package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.ParkReason;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.apply.RunPlanner;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Goes once through the values that are kept off, inside the caller's transaction, and writes those
 * behind which nothing can be pending any more: capture has met what the database held when they
 * were kept, the answers to everything local before that are applied, and it still holds the same.
 *
 * <p>A value of which no local transaction was ever answered was kept off by drift.
 */
final class KeptPass {
  private final ApplySession session;
  private final SchemaBook schemas;
  private final CapturedWrites captured;
  private final ApplyEvents events;
  private final List<Runnable> told = new ArrayList<>();

  KeptPass(ApplySession session, SchemaBook schemas, CapturedWrites captured, ApplyEvents events) {
    this.session = session;
    this.schemas = schemas;
    this.captured = captured;
    this.events = events;
  }

  /**
   * Runs the pass.
   *
   * @param acknowledged the last own transaction whose answer is applied, and those of all before
   * @param here any position of the log
   */
  void run(Sequence acknowledged, Position here) throws SQLException {
    for (KeptValue value : session.kept().all()) {
      if (isDue(value, acknowledged, here)
          && !session.parked().holds(value.table, value.hub)
          && session.mismatch(value.hub.schema()) == null) {
        end(value, here);
      }
    }
  }

  /** Tells of this pass after it was committed. */
  void tell() {
    told.forEach(Runnable::run);
  }

  private boolean isDue(KeptValue value, Sequence acknowledged, Position here) {
    if (value.through == null) {
      value.through = captured.through(here.at(value.markedAt)).orElse(null);
    }
    Sequence through = value.through;
    return through != null && !through.isAfter(acknowledged);
  }

  private void end(KeptValue value, Position here) throws SQLException {
    Long now = session.kept().seen(value);
    if (!Objects.equals(now, value.seen)) {
      session.kept().look(value); // something is pending by now: the wait begins anew
      return;
    }
    session.kept().remove(value);
    if (now == null && value.field != null) {
      return; // the row is gone, and with it the field
    }
    write(value, now == null, here);
    if (!value.answered && !Objects.equals(session.kept().seen(value), now)) {
      String field = value.field == null ? "#" : value.field;
      told.add(() -> events.drifted(value.table, field));
    }
  }

  private void write(KeptValue value, boolean isNew, Position here) throws SQLException {
    RunPlanner planner = new RunPlanner(RunPlanner.Mode.STRICT, schemas, table -> isNew);
    planner.add(value.hub, value.low + 1);
    Run run = planner.finish().getFirst();
    new IsolatedWriter(session).write(run, run.rows(), new Refused(value, here));
  }

  /** What the database refuses is set aside as any other change. */
  private final class Refused implements IsolatedWriter.Outcome {
    private final KeptValue value;
    private final Position here;

    private Refused(KeptValue value, Position here) {
      this.value = value;
      this.here = here;
    }

    @Override
    public void missing(PlannedRow row) {}

    @Override
    public void refused(PlannedRow row, String sqlState, String error) throws SQLException {
      park(row.change(), ParkReason.REFUSED, sqlState, error);
    }

    @Override
    public void tableRefused(List<PlannedRow> rows, String sqlState, String error)
        throws SQLException {
      park(rows.getFirst().change(), ParkReason.SCHEMA, sqlState, error);
    }

    private void park(RowChange change, ParkReason reason, String sqlState, String error)
        throws SQLException {
      session
          .parked()
          .park(
              value.table,
              change,
              reason,
              value.low,
              here.number(),
              0,
              here.number(),
              error,
              sqlState);
      told.add(() -> events.parked(value.table, reason, sqlState, error));
    }
  }
}
