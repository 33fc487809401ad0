package io.spokewire.agent.pipeline;

import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.HubOrder;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.lifecycle.WorkLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the hub asks beside data: barrier marks, plans, certificates. An order whose database
 * call fails stays first in the queue and is tried again.
 */
public final class ControlLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);

  private final Desk desk;
  private final StateFile state;
  private final LocalTables tables;
  private final BarrierMarks barriers;
  private final Renewal renewal;
  private boolean started;
  private PlanScope inUse = PlanScope.NONE;

  public ControlLoop(
      Desk desk, StateFile state, LocalTables tables, BarrierMarks barriers, Renewal renewal) {
    this.desk = desk;
    this.state = state;
    this.tables = tables;
    this.barriers = barriers;
    this.renewal = renewal;
  }

  @Override
  public String name() {
    return "control";
  }

  @Override
  public int doWork() {
    if (!started) {
      resumePlan();
    }
    renewal.look(desk.footing().session());
    HubOrder order = desk.orders().peek();
    if (order == null) {
      return 0;
    }
    switch (order) {
      case HubOrder.MarkBarrier o -> {
        if (desk.direction().sends() && desk.membership().isPresent()) {
          barriers.mark(o.barrier());
        }
      }
      case HubOrder.TakePlan o -> take(o.plan());
      case HubOrder.CheckPlan o -> {
        TableReport report = tables.check(o.plan());
        HubSession session = desk.footing().session();
        if (session != null) {
          session.answer(o.id(), report);
        }
      }
      case HubOrder.TakeCertificate o -> renewal.take(o.certificate(), o.authority());
    }
    desk.orders().remove();
    return 1;
  }

  /** What the hub said last is used until it says something else: capture need not wait for it. */
  private void resumePlan() {
    int version = state.get().planVersion();
    if (version > 0) {
      use(
          new PlanScope(
              new PlanVersion(version),
              state.get().patterns(),
              state.get().protectedTables(),
              state.get().agreedTypes()));
    }
    started = true;
  }

  private void take(PlanScope plan) {
    TableReport report = use(plan);
    state.update(
        s ->
            s.withPlan(
                plan.version().number(),
                plan.patterns(),
                plan.protectedTables(),
                plan.agreedTypes()));
    HubSession session = desk.footing().session();
    if (session != null) {
      session.report(report);
    }
  }

  private TableReport use(PlanScope plan) {
    TableReport report = tables.take(plan);
    if (!plan.equals(inUse)) {
      inUse = plan;
      if (plan.version().number() > 0) {
        LOG.info("plan {} in use: {} tables here", plan.version(), report.tables().size());
        desk.tablesChanged();
      }
    }
    for (TableReport.Problem problem : report.problems()) {
      LOG.warn("{}: {} ({})", problem.table(), problem.problem(), problem.hint());
    }
    return report;
  }
}
